import { readStorage } from '../../../capture/storage.ts'
import type { Context } from '../../execution/context.ts'
import { builder } from '../../schema/builder.ts'
import { createDataLoader } from '../../schema/relay/data-loader.ts'
import { Workspace } from './workspace.ts'

const CaptureStorage = builder
  .objectRef<{ readonly bytes: number; readonly maxBytes: number | null }>('CaptureStorage')
  .implement({
    description: 'Storage of anonymous captures, counted when they are written.',
    fields: (t) => ({
      bytes: t.exposeFloat('bytes'),
      maxBytes: t.exposeFloat('maxBytes', {
        nullable: true,
        description: 'Above it captures are HELD without their raw fields (`over_storage`). Null: no limit.',
      }),
    }),
  })

const loadBytes = createDataLoader(({ database }: Context, ids: readonly string[]) => readStorage(database, ids))

builder.objectField(Workspace, 'captureStorage', (t) =>
  t.field({
    type: CaptureStorage,
    resolve: async ({ id }, _args, context) => ({
      bytes: (await loadBytes(context, id)) ?? 0,
      maxBytes: context.config.workspaceBytes ?? null,
    }),
  }),
)

import { z } from 'zod'
import { maskedText } from '../../contacts/masking.ts'
import type { Source } from '../../generated/prisma/client.ts'
import { SourceKind } from '../../generated/prisma/enums.ts'
import { readMapping } from '../../sources/mapping/stored-mapping.ts'
import type { SourceStore } from '../../sources/source-store.ts'
import { hasScope, type Viewer } from '../../workspaces/viewer.ts'

/** Names of kinds over REST: `meta_lead_ads`. */
export const kindNames = Object.values(SourceKind).map((kind) => kind.toLowerCase())

export const mappingRule = z
  .object({
    field: z.string('a string is expected').meta({
      description: '`email`, `first_name`, `last_name`, `full_name`, `phone`, `company`, `source` or `metadata.KEY`.',
    }),
    paths: z
      .array(z.string('a string is expected'), 'a list of paths is expected')
      .meta({ description: 'The first one whose value is not blank counts.', examples: [['answers[0].email']] }),
  })
  .meta({ id: 'MappingRule' })

/** A source as REST shows it. */
export const sourceShape = z
  .object({
    id: z.string().meta({ examples: ['src_01HQ0000000000000000000000'] }),
    name: z.string(),
    kind: z.enum(kindNames),
    url: z.string().nullable().meta({
      description: 'Who knows it can add leads to this source. Null for a key without SOURCES_READ.',
      format: 'uri',
    }),
    enabled: z.boolean().meta({ description: 'While it is false, its leads are held.' }),
    verified: z.boolean().meta({
      description: 'Whether a secret is set: requests without the right signature are refused.',
    }),
    header: z.string().nullable(),
    mapping: z.array(mappingRule),
    last_received_at: z.string().nullable().meta({ format: 'date-time' }),
    created_at: z.string().meta({ format: 'date-time' }),
    updated_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Source' })

/** Returns a source as the viewer may see it. */
export function sourceJson(
  source: Source,
  { viewer, sources, baseUrl }: { readonly viewer: Viewer; readonly sources: SourceStore; readonly baseUrl: string },
): z.input<typeof sourceShape> {
  return {
    id: source.id,
    name: maskedText(source.name, viewer),
    kind: source.kind.toLowerCase(),
    url: hasScope(viewer, 'SOURCES_READ') ? sources.urlOf(source, baseUrl) : null,
    enabled: source.enabled,
    verified: source.secret !== null,
    header: source.header,
    mapping: readMapping(source.mapping).map(({ field, paths }) => ({
      field,
      paths: paths.map((path) => maskedText(path, viewer)),
    })),
    last_received_at: source.lastReceivedAt?.toISOString() ?? null,
    created_at: source.createdAt.toISOString(),
    updated_at: source.updatedAt.toISOString(),
  }
}

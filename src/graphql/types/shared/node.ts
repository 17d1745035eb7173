import { resolveNodes } from '@pothos/plugin-relay'
import type { Context } from '../../execution/context.ts'
import { refusal } from '../../execution/errors.ts'
import { builder } from '../../schema/builder.ts'
import { typeOfId } from '../../schema/relay/node-ids.ts'
import { contactIdOf } from '../contact/contact-aliases.ts'

const maxIds = 100

builder.queryField('node', (t) =>
  t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'Null for an id that is unknown, or of another workspace.',
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context, info) => {
      const [node] = await resolveNodes(builder, context, info, [await nodeIdOf(context, id)])
      return node
    },
  }),
)

builder.queryField('nodes', (t) =>
  t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: `At most ${maxIds} ids; null for each that is unknown, or of another workspace.`,
    args: { ids: t.arg.idList({ required: true }) },
    complexity: ({ ids }) => ({ field: 1, multiplier: Math.max(ids.length, 1) }),
    resolve: async (_root, { ids }, context, info) => {
      if (ids.length > maxIds) throw refusal('BAD_USER_INPUT', `At most ${maxIds} ids are allowed.`)
      const known = await Promise.all(ids.map((id) => nodeIdOf(context, id)))
      return resolveNodes(builder, context, info, known)
    },
  }),
)

/** Returns the object that an id refers to; null for a text that is not an id of Rex. */
async function nodeIdOf(context: Context, id: string): Promise<{ id: string; typename: string } | null> {
  const typename = typeOfId(id)
  return typename === undefined ? null : { id: await contactIdOf(context, id), typename }
}

import { resolveNodes } from '@pothos/plugin-relay'
import { builder } from '../builder.ts'
import { refusal } from '../errors.ts'
import { typeOfId } from '../node-ids.ts'

const maxIds = 100

builder.queryField('nodes', (t) =>
  t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: `At most ${maxIds} ids; null for each that is unknown, or of another workspace.`,
    args: { ids: t.arg.idList({ required: true }) },
    complexity: ({ ids }) => ({ field: 1, multiplier: Math.max(ids.length, 1) }),
    resolve: async (_root, { ids }, context, info) => {
      if (ids.length > maxIds) throw refusal('BAD_USER_INPUT', `At most ${maxIds} ids are taken.`)
      const known = ids.map((id) => {
        const typename = typeOfId(id)
        return typename === undefined ? null : { id, typename }
      })
      return resolveNodes(builder, context, info, known)
    },
  }),
)

import { builder } from '../../schema/builder.ts'

export const DeleteSuccess = builder.objectRef<{ readonly deletedId: string }>('DeleteSuccess').implement({
  fields: (t) => ({ deletedId: t.exposeID('deletedId') }),
})

import { builder } from '../../schema/builder.ts'

export const StringFilter = builder.inputType('StringFilter', {
  isOneOf: true,
  fields: (t) => ({
    eq: t.string(),
    in: t.stringList(),
    contains: t.string(),
    startsWith: t.string(),
    isNull: t.boolean(),
  }),
})

export const DateTimeFilter = builder.inputType('DateTimeFilter', {
  fields: (t) => ({ gte: t.field({ type: 'DateTime' }), lt: t.field({ type: 'DateTime' }) }),
})

/** Exactly one field is set. */
export interface StringFilterInput {
  eq?: string | null | undefined
  in?: readonly string[] | null | undefined
  contains?: string | null | undefined
  startsWith?: string | null | undefined
  isNull?: boolean | null | undefined
}

export interface DateTimeFilterInput {
  gte?: Date | null | undefined
  lt?: Date | null | undefined
}

/** Escapes `%`, `_` and `\`, because Prisma passes them to LIKE unchanged. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

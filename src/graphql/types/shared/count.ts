import { builder } from '../../schema/builder.ts'

const countedUpTo = 10_000

const CountPrecision = builder.enumType('CountPrecision', { values: ['EXACT', 'AT_LEAST'] as const })

/** Number of rows counted, and whether all rows were counted. */
export interface Counted {
  readonly counted: number
  readonly isAll?: boolean
}

export const Count = builder.objectRef<Counted>('Count').implement({
  description: 'Counting stops at 10,000.',
  fields: (t) => ({
    value: t.int({ resolve: ({ counted }) => Math.min(counted, countedUpTo) }),
    precision: t.field({
      type: CountPrecision,
      resolve: ({ counted, isAll = true }) => (counted > countedUpTo || !isAll ? 'AT_LEAST' : 'EXACT'),
    }),
  }),
})

/** LIMIT of count queries: one above the maximum shown, to detect whether there are more. */
export const countLimit = countedUpTo + 1

import { refusal } from '../../execution/errors.ts'
import { builder } from '../../schema/builder.ts'

/** Time range of the statistics of Home. */
export interface HomeRange {
  /** Inclusive. */
  readonly from: Date
  /** Exclusive. */
  readonly to: Date
  readonly buckets: number
}

const maxBuckets = 500
const defaultBuckets = 24
const maxDays = 92
const dayMs = 86_400_000

/** Cost of a field that reads a row per lead of the range. */
export const rangeCost = 100

/** Statistics of Home. Each field is read only when it is selected, and null without the scope of its data. */
export const HomeStats = builder.objectRef<HomeRange>('HomeStats').implement({
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime' }),
    to: t.expose('to', { type: 'DateTime', description: 'Exclusive.' }),
    previousFrom: t.field({
      type: 'DateTime',
      description: 'Start of the period before, which has the same length and ends at `from`.',
      resolve: (range) => previousOf(range).from,
    }),
  }),
})

builder.queryField('homeStats', (t) =>
  t.field({
    type: HomeStats,
    nullable: true,
    description: `Statistics of a time range of at most ${maxDays} days, in 1 to ${maxBuckets} buckets. Its fields need the scopes of their data.`,
    args: {
      from: t.arg({ type: 'DateTime', required: true }),
      to: t.arg({ type: 'DateTime', required: true }),
      buckets: t.arg.int({ defaultValue: defaultBuckets }),
    },
    resolve: (_root, { from, to, buckets }) => {
      const count = buckets ?? defaultBuckets
      if (count < 1 || count > maxBuckets) throw refusal('BAD_USER_INPUT', `buckets must be from 1 to ${maxBuckets}.`)
      if (from >= to) throw refusal('BAD_USER_INPUT', 'from must be before to.')
      if (to.getTime() - from.getTime() > maxDays * dayMs)
        throw refusal('BAD_USER_INPUT', `from and to may be at most ${maxDays} days apart.`)
      return { from, to, buckets: count }
    },
  }),
)

/** Returns the period of the same length that ends where the range begins. */
export function previousOf({ from, to }: HomeRange): Omit<HomeRange, 'buckets'> {
  return { from: new Date(2 * from.getTime() - to.getTime()), to: from }
}

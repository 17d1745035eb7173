import { type CaptureStats as Counted, readCaptureStats, type CaptureTotals as Totals } from '../../../capture/stats.ts'
import { maskedText } from '../../../contacts/masking.ts'
import { refusal } from '../../execution/errors.ts'
import { builder } from '../../schema/builder.ts'

const maxBuckets = 500
const defaultBuckets = 24

export const CaptureTotals = builder.objectRef<Totals>('CaptureTotals').implement({
  fields: (t) => ({
    received: t.exposeInt('received', { description: 'All captures, including those that changed nothing.' }),
    created: t.exposeInt('created'),
    updated: t.exposeInt('updated'),
    held: t.exposeInt('held'),
    spam: t.exposeInt('spam'),
  }),
})

const CaptureBucket = builder.objectRef<Counted['buckets'][number]>('CaptureBucket').implement({
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime' }),
    totals: t.expose('totals', { type: CaptureTotals }),
  }),
})

const CaptureBreakdown = builder.objectRef<Counted['bySource'][number]>('CaptureBreakdown').implement({
  fields: (t) => ({
    key: t.string({
      nullable: true,
      description: 'Null for captures without a source.',
      resolve: ({ key }, _args, { viewer }) => maskedText(key, viewer),
    }),
    totals: t.expose('totals', { type: CaptureTotals }),
  }),
})

const CaptureStats = builder.objectRef<Counted & { readonly from: Date; readonly to: Date }>('CaptureStats').implement({
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime' }),
    to: t.expose('to', { type: 'DateTime', description: 'Exclusive.' }),
    totals: t.expose('totals', { type: CaptureTotals }),
    buckets: t.field({
      type: [CaptureBucket],
      description: 'Equal in width, in order, including empty ones.',
      resolve: ({ buckets }) => [...buckets],
    }),
    bySource: t.field({
      type: [CaptureBreakdown],
      description: 'The 50 sources with the most captures.',
      resolve: ({ bySource }) => [...bySource],
    }),
  }),
})

builder.queryField('captureStats', (t) =>
  t.field({
    type: CaptureStats,
    nullable: true,
    description: `Captures in a time range, in 1 to ${maxBuckets} buckets.`,
    authScopes: { scope: 'CONTACTS_READ' },
    // It reads one row per capture, for any selection.
    complexity: 100,
    args: {
      from: t.arg({ type: 'DateTime', required: true }),
      to: t.arg({ type: 'DateTime', required: true }),
      buckets: t.arg.int({ defaultValue: defaultBuckets }),
    },
    resolve: async (_root, { from, to, buckets }, { database, viewer: { workspaceId } }) => {
      const count = buckets ?? defaultBuckets
      if (count < 1 || count > maxBuckets) throw refusal('BAD_USER_INPUT', `buckets must be from 1 to ${maxBuckets}.`)
      if (from >= to) throw refusal('BAD_USER_INPUT', 'from must be before to.')
      return { from, to, ...(await readCaptureStats(database, { workspaceId, from, to, buckets: count })) }
    },
  }),
)

import {
  type CaptureSeries,
  readCaptureSeries,
  readCaptureTotals,
  type SourceTotals,
} from '../../../capture/statistics/capture-series.ts'
import { type LeadOrigin, readTopCampaigns, readTopLandingPages } from '../../../contacts/lead-origins.ts'
import { maskedText } from '../../../contacts/masking.ts'
import { builder } from '../../schema/builder.ts'
import { CaptureTotals } from '../submission/capture-stats.ts'
import { HomeStats, previousOf, rangeCost } from './home-stats.ts'

const SourceTotalsRef = builder.objectRef<SourceTotals>('SourceTotals').implement({
  authScopes: { scope: 'CONTACTS_READ' },
  fields: (t) => ({
    key: t.string({
      nullable: true,
      description: 'Null for captures without a source, and for the other sources.',
      resolve: ({ key }, _args, { viewer }) => maskedText(key, viewer),
    }),
    isOther: t.exposeBoolean('isOther', { description: 'All sources beyond the ten with the most captures.' }),
    totals: t.expose('totals', { type: CaptureTotals }),
  }),
})

const CaptureSeriesBucket = builder.objectRef<CaptureSeries['buckets'][number]>('CaptureSeriesBucket').implement({
  authScopes: { scope: 'CONTACTS_READ' },
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime' }),
    totals: t.expose('totals', { type: CaptureTotals }),
    bySource: t.expose('bySource', {
      type: [SourceTotalsRef],
      description: 'The sources with captures in this bucket, in the order of `CaptureSeries.sources`.',
    }),
  }),
})

const CaptureSeriesRef = builder.objectRef<CaptureSeries>('CaptureSeries').implement({
  authScopes: { scope: 'CONTACTS_READ' },
  fields: (t) => ({
    totals: t.expose('totals', { type: CaptureTotals }),
    sources: t.field({
      type: [SourceTotalsRef],
      description: 'The ten sources with the most captures, then all others as one.',
      resolve: ({ sources }) => [...sources],
    }),
    buckets: t.field({
      type: [CaptureSeriesBucket],
      description: 'Equal in width, in order, including empty ones.',
      resolve: ({ buckets }) => [...buckets],
    }),
  }),
})

const LeadOriginRef = builder.objectRef<LeadOrigin>('LeadOrigin').implement({
  authScopes: { scope: 'CONTACTS_READ' },
  fields: (t) => ({
    key: t.string({ resolve: ({ key }, _args, { viewer }) => maskedText(key, viewer) }),
    leads: t.exposeInt('leads', { description: 'New contacts of the range.' }),
  }),
})

builder.objectFields(HomeStats, (t) => ({
  captures: t.field({
    type: CaptureSeriesRef,
    nullable: true,
    complexity: rangeCost,
    authScopes: { scope: 'CONTACTS_READ' },
    resolve: (range, _args, { database, viewer: { workspaceId } }) =>
      readCaptureSeries(database, { ...range, workspaceId }),
  }),
  previousTotals: t.field({
    type: CaptureTotals,
    nullable: true,
    description: 'Captures of the period before.',
    complexity: rangeCost,
    authScopes: { scope: 'CONTACTS_READ' },
    resolve: (range, _args, { database, viewer: { workspaceId } }) =>
      readCaptureTotals(database, { ...previousOf(range), workspaceId }),
  }),
  topCampaigns: t.field({
    type: [LeadOriginRef],
    nullable: true,
    description: 'The ten campaigns (`utm_campaign` of the first touch) with the most new contacts.',
    complexity: rangeCost,
    authScopes: { scope: 'CONTACTS_READ' },
    resolve: (range, _args, { database, viewer: { workspaceId } }) =>
      readTopCampaigns(database, { ...range, workspaceId }),
  }),
  topLandingPages: t.field({
    type: [LeadOriginRef],
    nullable: true,
    description: 'The ten landing pages of the first touch with the most new contacts.',
    complexity: rangeCost,
    authScopes: { scope: 'CONTACTS_READ' },
    resolve: (range, _args, { database, viewer: { workspaceId } }) =>
      readTopLandingPages(database, { ...range, workspaceId }),
  }),
}))

import {
  readSpeedToLead,
  readWebhookHealth,
  type SpeedToLead,
  type WebhookHealth,
} from '../../../delivery/statistics/webhook-health.ts'
import { hasScope } from '../../../workspaces/viewer.ts'
import { builder } from '../../schema/builder.ts'
import { HomeStats, rangeCost } from './home-stats.ts'

const WebhookHealthRef = builder.objectRef<WebhookHealth>('WebhookHealth').implement({
  authScopes: { scope: 'WEBHOOKS_READ' },
  fields: (t) => ({
    attempts: t.exposeInt('attempts', { description: 'At most the newest 20,000 of the range are counted.' }),
    successRate: t.exposeFloat('successRate', { nullable: true, description: 'Null without attempts.' }),
    p95Ms: t.exposeInt('p95Ms', { nullable: true }),
  }),
})

const SpeedToLeadRef = builder.objectRef<SpeedToLead>('SpeedToLead').implement({
  description: 'Time from the capture of a new contact until a webhook receiver first accepted it.',
  authScopes: { scope: 'WEBHOOKS_READ' },
  fields: (t) => ({
    delivered: t.exposeInt('delivered', { description: 'At most the newest 5,000 contacts of the range are counted.' }),
    p50Ms: t.exposeInt('p50Ms', { nullable: true, description: 'Null without a delivered contact.' }),
    p95Ms: t.exposeInt('p95Ms', { nullable: true }),
  }),
})

builder.objectFields(HomeStats, (t) => ({
  webhooks: t.field({
    type: WebhookHealthRef,
    nullable: true,
    complexity: rangeCost,
    authScopes: { scope: 'WEBHOOKS_READ' },
    resolve: (range, _args, { database, viewer }) => {
      const { workspaceId } = viewer
      return readWebhookHealth(database, { ...range, workspaceId, seesInside: hasScope(viewer, 'ADMIN') })
    },
  }),
  speedToLead: t.field({
    type: SpeedToLeadRef,
    nullable: true,
    complexity: rangeCost,
    authScopes: { scope: 'WEBHOOKS_READ' },
    resolve: (range, _args, { database, viewer: { workspaceId } }) =>
      readSpeedToLead(database, { ...range, workspaceId }),
  }),
}))

import { hmac } from '../../verify/hmac.ts'
import { textAt } from '../answers.ts'
import type { Kind } from '../kind.ts'
import { isAnalyticsCall, isRudderStack, namesAnalyticsCall, readAnalyticsCall } from './analytics-event.ts'

export const segment: Kind = {
  name: 'SEGMENT',
  title: 'Segment',
  recognizes: ({ body }) => isAnalyticsCall(body) && !isRudderStack(body),
  namesEvent: ({ body }) => namesAnalyticsCall(body),
  read: readAnalyticsCall,
  repeatId: ({ body }) => textAt(body, 'messageId'),
  verification: hmac({ header: 'x-signature', algorithm: 'sha1', encoding: 'hex' }),
  setup: [
    'In Segment, open **Connections**, then **Catalog**, and add the destination **Webhooks (Actions)** to the source of your site.',
    'Enter the secret of the source as **Shared secret**.',
    'Add a mapping of the action **Send** for identify calls, and for track calls if they carry an address, with the URL of the source, and turn the destination on.',
  ],
  events:
    '`identify` becomes a lead, and so does a `track` with an address of the person in its traits, its properties or `userId`, or where the mapping finds one; with another address it is held; every other call, such as `page`, `screen` and `group`, is ignored.',
  evidence: 'shape',
}

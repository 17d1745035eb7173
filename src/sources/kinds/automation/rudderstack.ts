import { textAt } from '../answers.ts'
import type { Kind } from '../kind.ts'
import { isAnalyticsCall, isRudderStack, namesAnalyticsCall, readAnalyticsCall } from './analytics-event.ts'

export const rudderstack: Kind = {
  name: 'RUDDERSTACK',
  title: 'RudderStack',
  recognizes: ({ body }) => isAnalyticsCall(body) && isRudderStack(body),
  namesEvent: ({ body }) => namesAnalyticsCall(body),
  read: readAnalyticsCall,
  repeatId: ({ body }) => textAt(body, 'messageId'),
  setup: [
    'In RudderStack, open **Directory**, then **Destinations**, and add the destination **Webhook** to the source of your site.',
    'Paste the URL of the source as **Webhook URL** and choose the method **POST**.',
    'Save the destination, send an identify call from your site, and look at the live events.',
  ],
  events:
    '`identify` becomes a lead, and so does a `track` with an address of the person in its traits, its properties or `userId`, or where the mapping finds one; with another address it is held; every other call, such as `page`, `screen` and `group`, is ignored.',
  evidence: 'shape',
}

import type { Payload } from '../../payload.ts'
import { isJsonObject } from '../../payload.ts'
import { hmac } from '../../verify/hmac.ts'
import { answerOf, answersOfEntries, objectAt, textAt, valueAt } from '../answers.ts'
import type { Kind, KindReading } from '../kind.ts'

const formEvent = 'form_submission'

export const webflow: Kind = {
  name: 'WEBFLOW',
  title: 'Webflow',
  recognizes,
  read,
  repeatId: ({ body }) => textAt(body, 'payload', 'id') ?? textAt(body, '_id'),
  verification: hmac({
    header: 'x-webflow-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    timestamp: { header: 'x-webflow-timestamp', unit: 'ms' },
    signed: '{timestamp}:{body}',
  }),
  setup: [
    "Open the site's settings, go to **Apps & integrations**, then **Webhooks**, and choose **Add webhook**.",
    'Choose the trigger **Form submission** and the API version V2, and paste the URL of the source.',
    'Save, publish the site, then submit the form once. Webflow signs only webhooks that were made with its API, so set a secret for those alone.',
  ],
  events: '`form_submission` becomes a lead; every other trigger is ignored.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  return isVersion2(body) || isVersion1(body)
}

function isVersion2(body: Payload['body']): boolean {
  return textAt(body, 'triggerType') !== undefined && isJsonObject(valueAt(body, 'payload'))
}

/** The first version has no name of an event, and short names for the date and the id. */
function isVersion1(body: Payload['body']): boolean {
  const hasNames = ['site', '_id', 'd'].every((key) => textAt(body, key) !== undefined)
  return hasNames && isJsonObject(valueAt(body, 'data'))
}

function read({ body }: Payload): KindReading {
  const event = textAt(body, 'triggerType') ?? formEvent
  if (event !== formEvent) return { outcome: 'ignored', event }
  const base = isJsonObject(valueAt(body, 'payload')) ? ['payload'] : []
  return {
    outcome: 'lead',
    answers: [
      ...answersOfEntries(objectAt(body, ...base, 'data'), [...base, 'data']),
      ...answerOf([...base, 'name'], 'form_name', textAt(body, ...base, 'name'), 'metadata'),
    ],
  }
}

import { isJsonObject, type JsonObject, type JsonValue, type Payload } from '../../payload.ts'
import { equalsInConstantTime } from '../../verify/constant-time.ts'
import { hmac } from '../../verify/hmac.ts'
import { listAt, type PathPart, textAt, valueAt } from '../answers.ts'
import type { Answer, HandshakeRequest, HandshakeResponse, Kind, KindReading } from '../kind.ts'
import { metadataOf } from '../people-answers.ts'
import { answersOfFieldData } from './field-data.ts'

/** Objects of Meta whose changes arrive at the same URL. */
const metaObjects = new Set(['page', 'instagram', 'user', 'permissions', 'whatsapp_business_account', 'ad_account'])

/** Id of the lead that Meta's webhook tester sends. */
const testLeadId = /^4{12,}$/

const adKeys =
  'ad_id ad_name adset_id adset_name campaign_id campaign_name form_id form_name platform is_organic created_time'.split(
    ' ',
  )

export const metaLeadAds: Kind = {
  name: 'META_LEAD_ADS',
  title: 'Meta Lead Ads (Facebook and Instagram)',
  recognizes,
  read,
  repeatId,
  verification: hmac({ header: 'x-hub-signature-256', algorithm: 'sha256', encoding: 'hex', prefix: 'sha256=' }),
  handshake,
  setup: [
    'In the Meta developer dashboard, open your app with the **Webhooks** product and choose the object **Page**. Set the app secret as the secret of the source.',
    'Paste the URL of the source as **Callback URL** and the secret of the source as **Verify token**, then subscribe to the field `leadgen` and install the app on the page: `POST /<page id>/subscribed_apps?subscribed_fields=leadgen`.',
    'Meta sends only the id of a lead. Let a relay such as Zapier or Make fetch the lead and forward it with `field_data` to the same URL; until then the submission is held with the reason `needs_fetch`.',
  ],
  events:
    'A lead with `field_data` becomes a lead; a `leadgen` notification, which has ids only, is held; changes of other fields are ignored.',
  evidence: 'shape',
}

/** Two leads in one payload are ambiguous already, so further ones are not read. */
const maxLeads = 10

interface Place {
  readonly parts: readonly PathPart[]
  readonly lead: JsonObject
}

function recognizes({ body }: Payload): boolean {
  if (isFieldData(body)) return true
  const entries = listAt(body, 'entry').filter(isJsonObject)
  if (entries.length > 0 && metaObjects.has(textAt(body, 'object') ?? '')) return true
  return changesOf(body).some(({ field, value }) => field === 'leadgen' && isJsonObject(value))
}

/** Returns whether an object is a lead of the Graph API: `{id, field_data: [{name, values}]}`. */
function isFieldData(value: JsonValue | undefined): value is JsonObject {
  return isJsonObject(value) && listAt(value, 'field_data').some((item) => textAt(item, 'name') !== undefined)
}

function changesOf(body: JsonObject) {
  return listAt(body, 'entry').flatMap((entry, entryIndex) =>
    listAt(entry, 'changes').map((change, index) => ({
      parts: ['entry', entryIndex, 'changes', index, 'value'],
      field: textAt(change, 'field') ?? '',
      value: valueAt(change, 'value'),
    })),
  )
}

function leadsOf(body: JsonObject): Place[] {
  if (isFieldData(body)) return [{ parts: [], lead: body }]
  const leads = changesOf(body).flatMap(({ parts, value }) => (isFieldData(value) ? [{ parts, lead: value }] : []))
  return leads.slice(0, maxLeads)
}

function read({ body }: Payload): KindReading {
  const leads = leadsOf(body)
  if (leads.length > 0) {
    const answers = leads.flatMap(readLead)
    return { outcome: answers.some(isTestAnswer) ? 'test' : 'lead', answers }
  }
  const changes = changesOf(body)
  const notified = changes.filter(({ value }) => textAt(value, 'leadgen_id') !== undefined)
  if (notified.length > 0 || changes.some(({ field }) => field === 'leadgen')) {
    const isTest =
      notified.length > 0 && notified.every(({ value }) => testLeadId.test(textAt(value, 'leadgen_id') ?? ''))
    return { outcome: isTest ? 'test' : 'needs_fetch', answers: [] }
  }
  return { outcome: 'ignored', event: changes[0]?.field ?? textAt(body, 'object') ?? 'unknown' }
}

function readLead({ parts, lead }: Place): Answer[] {
  return [
    ...answersOfFieldData(listAt(lead, 'field_data'), [...parts, 'field_data']),
    ...metadataOf(lead, parts, adKeys),
  ]
}

/** Leads of Meta's testing tool are answered with `<test lead: dummy data for email>`. */
function isTestAnswer({ value }: Answer): boolean {
  return typeof value === 'string' && value.startsWith('<test lead:')
}

/** A notification and the lead that a relay fetches for it are two submissions: the second must not be dropped. */
function repeatId({ body }: Payload): string | undefined {
  const leads = leadsOf(body).map(({ lead }) => textAt(lead, 'id') ?? textAt(lead, 'leadgen_id'))
  if (leads.length > 0) return leads.includes(undefined) ? undefined : leads.join(' ')
  const ids = changesOf(body).map(({ value }) => textAt(value, 'leadgen_id'))
  return ids.length === 0 || ids.includes(undefined) ? undefined : `notification ${ids.join(' ')}`
}

function handshake({ method, query, secrets }: HandshakeRequest): HandshakeResponse | undefined {
  if (method === 'POST' || !['hub.mode', 'hub.challenge', 'hub.verify_token'].some((name) => query.has(name))) {
    return undefined
  }
  const [token, challenge] = [query.get('hub.verify_token'), query.get('hub.challenge')]
  if (token === null || challenge === null || !secrets.some((secret) => equalsInConstantTime(token, secret))) {
    return { status: 403, type: 'text/plain', body: 'The verify token is not the secret of this source.' }
  }
  return { status: 200, type: 'text/plain', body: challenge }
}

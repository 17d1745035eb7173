import { isJsonObject, type JsonValue, type Payload } from '../../payload.ts'
import { listAt, textAt, valueAt } from '../answers.ts'
import type { Kind, KindReading } from '../kind.ts'
import { metadataOf } from '../people-answers.ts'
import { answersOfFieldData } from './field-data.ts'

const adKeys =
  'advertiser_id page_id campaign_id campaign_name adgroup_id adgroup_name ad_id ad_name create_time'.split(' ')

/** Two leads in one payload are ambiguous already, so further ones are not read. */
const maxLeads = 10

export const tiktok: Kind = {
  name: 'TIKTOK',
  title: 'TikTok Lead Generation',
  recognizes,
  read,
  repeatId,
  setup: [
    'In TikTok Ads Manager, open **Tools**, then **Leads Center** or **Instant Form**, and choose **CRM integration**.',
    'Choose **Custom API with Webhooks** and paste the URL of the source as the callback URL.',
    'Send a test lead from the lead ads testing tool and look at the received submission: map fields whose names differ.',
  ],
  events: 'Every lead becomes a lead.',
  evidence: 'recollection',
}

function recognizes({ body }: Payload): boolean {
  return listAt(body, 'entry').some((entry) => isLead(entry))
}

/** Meta's entries have changes too, but their values are objects. */
function isLead(entry: JsonValue): boolean {
  const keys = ['lead_id', 'advertiser_id', 'campaign_name', 'page_id', 'create_time']
  const known = keys.filter((key) => textAt(entry, key) !== undefined).length
  return known >= 2 && listAt(entry, 'changes').some((change) => isAnswered(change))
}

function isAnswered(change: JsonValue): boolean {
  return textAt(change, 'field') !== undefined && !isJsonObject(valueAt(change, 'value'))
}

function read({ body }: Payload): KindReading {
  return {
    outcome: 'lead',
    answers: listAt(body, 'entry')
      .slice(0, maxLeads)
      .flatMap((entry, index) => [
        ...answersOfFieldData(listAt(entry, 'changes'), ['entry', index, 'changes']),
        ...metadataOf(entry, ['entry', index], adKeys),
      ]),
  }
}

function repeatId({ body }: Payload): string | undefined {
  const ids = listAt(body, 'entry').map((entry) => textAt(entry, 'lead_id'))
  return ids.length === 0 || ids.includes(undefined) ? undefined : ids.join(' ')
}

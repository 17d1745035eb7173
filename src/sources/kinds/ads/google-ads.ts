import type { Payload } from '../../payload.ts'
import { bodySecret } from '../../verify/secrets.ts'
import { answerOf, answersOfPairs, assignedField, listAt, textAt } from '../answers.ts'
import type { AnswerField, Kind, KindReading } from '../kind.ts'
import { metadataOf } from '../people-answers.ts'
import { isMarkedAsTest } from '../test-mark.ts'

const fieldsByColumn: Readonly<Record<string, AnswerField>> = {
  EMAIL: 'email',
  WORK_EMAIL: 'email',
  FULL_NAME: 'full_name',
  FIRST_NAME: 'first_name',
  LAST_NAME: 'last_name',
  PHONE_NUMBER: 'phone',
  WORK_PHONE: 'phone',
  COMPANY_NAME: 'company',
}

/** Columns that stand back when the person has filled the other one. */
const secondChoices: Readonly<Record<string, string>> = { WORK_EMAIL: 'EMAIL', WORK_PHONE: 'PHONE_NUMBER' }

const campaignKeys = [
  'campaign_id',
  'form_id',
  'adgroup_id',
  'creative_id',
  'asset_group_id',
  'lead_source',
  'lead_submit_time',
]

export const googleAds: Kind = {
  name: 'GOOGLE_ADS',
  title: 'Google Ads lead form',
  recognizes,
  read,
  repeatId: ({ body }) => textAt(body, 'lead_id'),
  verification: bodySecret('google_key'),
  secretKeys: ['google_key'],
  setup: [
    'In Google Ads, open the lead form asset and expand **Export leads**, then **Other data integration options**.',
    'Paste the URL of the source as **Webhook URL**, and enter the secret of the source as **Key**.',
    'Choose **Send test data**. The test arrives as a held submission with the reason `test_lead`. Save the form.',
  ],
  events: 'Every lead form becomes a lead; test data (`is_test`) is held.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  if (Array.isArray(body['user_column_data'])) return true
  const keys = ['google_key', 'gcl_id', 'campaign_id', 'adgroup_id', 'creative_id']
  return textAt(body, 'lead_id') !== undefined && keys.filter((key) => Object.hasOwn(body, key)).length >= 2
}

function read({ body }: Payload): KindReading {
  const columns = listAt(body, 'user_column_data')
  const filled = new Set(
    columns
      .filter((column) => textAt(column, 'string_value') !== undefined)
      .map((column) => textAt(column, 'column_id')),
  )
  const names = { label: ['column_name', 'column_id'], value: ['string_value'] }
  return {
    outcome: isMarkedAsTest(body) ? 'test' : 'lead',
    answers: [
      ...answersOfPairs(columns, ['user_column_data'], names, (column) =>
        fieldOfColumn(textAt(column, 'column_id') ?? '', filled),
      ),
      ...answerOf(['gcl_id'], 'gclid', textAt(body, 'gcl_id')),
      ...metadataOf(body, [], campaignKeys),
    ],
  }
}

function fieldOfColumn(column: string, filled: ReadonlySet<string | undefined>): AnswerField | undefined {
  const field = assignedField(fieldsByColumn, column)
  const first = secondChoices[column]
  return field !== undefined && first !== undefined && filled.has(first) ? 'metadata' : field
}

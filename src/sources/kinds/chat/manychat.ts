import type { Payload } from '../../payload.ts'
import { objectAt, textAt } from '../answers.ts'
import type { AnswerField, Kind, KindReading } from '../kind.ts'
import { answersOfPerson, answersOfTexts } from '../people-answers.ts'

const fields: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  name: 'full_name',
  first_name: 'first_name',
  last_name: 'last_name',
  phone: 'phone',
  // The person's last message: often the address, sometimes somebody else's.
  last_input_text: 'metadata',
}

const bookkeeping = new Set(
  'key id page_id user_refs profile_pic live_chat_url subscribed last_interaction ig_last_interaction last_seen last_growth_tool opted_in_through is_followup_enabled'.split(
    ' ',
  ),
)

const contactKeys = [
  'user_refs',
  'page_id',
  'last_input_text',
  'subscribed',
  'live_chat_url',
  'custom_fields',
  'profile_pic',
]

export const manychat: Kind = {
  name: 'MANYCHAT',
  title: 'ManyChat',
  recognizes,
  read,
  setup: [
    'In ManyChat, open the automation and add **Actions**, then **External request**, after the question for the address.',
    'Choose **POST** and paste the URL of the source.',
    'On the tab **Body**, choose **Add full contact data**, then **Test the request** and save.',
  ],
  events: 'Every request becomes a lead.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  if (textAt(body, 'live_chat_url')?.includes('manychat.com')) return true
  return contactKeys.filter((key) => Object.hasOwn(body, key)).length >= 3
}

function read({ body }: Payload): KindReading {
  return {
    outcome: 'lead',
    answers: [
      ...answersOfTexts(body, [], { fields, except: bookkeeping }),
      ...answersOfPerson(objectAt(body, 'custom_fields'), ['custom_fields']),
    ],
  }
}

import { entriesOf, isJsonObject, type JsonValue, type Payload } from '../../payload.ts'
import { answerOf, answersOfEntry, isBlank, valueAt } from '../answers.ts'
import type { Answer, AnswerField, Kind, KindReading } from '../kind.ts'

/** Names of the default form; a payload of it has more than one. */
const defaultNames = [
  'your-name',
  'your-email',
  'your-subject',
  'your-message',
  'your-tel',
  'your-phone',
  'your-company',
]

export const contactForm7: Kind = {
  name: 'CONTACT_FORM_7',
  title: 'Contact Form 7',
  recognizes,
  read,
  setup: [
    'Install a plugin that sends submissions to a URL, such as **CF7 to Webhook**: Contact Form 7 alone sends only mail.',
    'Edit the form, open the tab **Webhook**, turn the integration on, and paste the URL of the source.',
    'Save the form, then submit it once.',
  ],
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const known = defaultNames.filter((name) => !isBlank(valueAt(body, name)))
  return known.length >= 2 || entriesOf(body).some(([key]) => key.startsWith('_wpcf7'))
}

function read({ body }: Payload): KindReading {
  return { outcome: 'lead', answers: Object.entries(body).flatMap(([key, value]) => readEntry(key, value)) }
}

function readEntry(key: string, value: JsonValue): Answer[] {
  if (key.startsWith('_')) return []
  if (isJsonObject(value)) return answersOfEntry([], key, value)
  return answerOf([key], key, value, fieldOf(key))
}

/** The editor names a new tag by its type and a number: `email-123`. */
function fieldOf(key: string): AnswerField | undefined {
  if (/^email-\d{1,6}$/.test(key)) return 'email'
  return /^tel-\d{1,6}$/.test(key) ? 'phone' : undefined
}

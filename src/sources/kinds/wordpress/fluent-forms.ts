import { entriesOf, isJsonObject, type Payload } from '../../payload.ts'
import { answerOf, answersOfEntries, objectAt, textAt, valueAt } from '../answers.ts'
import type { AnswerField, Kind, KindReading } from '../kind.ts'
import { entryId } from './entry-id.ts'

const nameParts: Readonly<Record<string, AnswerField>> = {
  first_name: 'first_name',
  last_name: 'last_name',
  middle_name: 'metadata',
}

export const fluentForms: Kind = {
  name: 'FLUENT_FORMS',
  title: 'Fluent Forms',
  recognizes,
  read,
  repeatId: ({ body }) => {
    const submission = objectAt(body, '__submission')
    return submission === undefined ? undefined : entryId(submission, valueAt(submission, 'source_url'))
  },
  setup: [
    "Turn the module **Webhook** on under **Integrations**, open the form's settings, go to **WebHook**, and add a feed.",
    'Paste the URL of the source as the **Request URL**, with the method **POST** and the format **JSON**.',
    'Choose **All Data** as the **Request Body**, save, and submit the form once.',
  ],
  evidence: 'recollection',
}

function recognizes({ body }: Payload): boolean {
  const isFluentKey = (key: string) => key.startsWith('__fluent_form') || key.startsWith('_fluentform_')
  return isJsonObject(valueAt(body, '__submission')) || entriesOf(body).some(([key]) => isFluentKey(key))
}

function read({ body }: Payload): KindReading {
  const technical = new Set(Object.keys(body).filter((key) => key.startsWith('_')))
  const pageUrl = textAt(body, '__submission', 'source_url')
  return {
    outcome: 'lead',
    answers: [
      ...answersOfEntries(body, [], { except: new Set([...technical, 'names']) }),
      ...readNames(valueAt(body, 'names')),
      ...answerOf(['__submission', 'source_url'], 'page_url', pageUrl, 'metadata'),
    ],
  }
}

function readNames(names: Payload['body'][string] | undefined) {
  if (isJsonObject(names)) return answersOfEntries(names, ['names'], { fields: nameParts })
  return answerOf(['names'], 'name', names, 'full_name')
}

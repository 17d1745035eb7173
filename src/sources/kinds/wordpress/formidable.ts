import type { Payload } from '../../payload.ts'
import { isJsonObject } from '../../payload.ts'
import { answerOf, objectAt, textAt, valueAt } from '../answers.ts'
import type { Kind, KindReading } from '../kind.ts'
import { plainAnswers } from '../plain.ts'

export const formidable: Kind = {
  name: 'FORMIDABLE',
  title: 'Formidable Forms',
  // The user writes the body; only that of Formidable's own entries has a shape.
  recognizes: ({ body }) => isJsonObject(valueAt(body, 'item_meta')) && valueAt(body, 'form_id') !== undefined,
  read,
  setup: [
    "Install the **API** add-on, open the form's **Settings**, then **Actions & Notifications**, and add **Send API Data**.",
    'Paste the URL of the source as the **Notification URL** and choose the method **POST** and the format **JSON**.',
    'Write the body with a shortcode for each field, such as `{"email": "[25]", "first_name": "[26]"}`, update, and submit the form once.',
  ],
  evidence: 'shape',
}

function read({ body }: Payload): KindReading {
  const meta = objectAt(body, 'item_meta')
  if (meta === undefined) return { outcome: 'lead', answers: plainAnswers(body, []) }
  const formName = answerOf(['form_name'], 'form_name', textAt(body, 'form_name'), 'metadata')
  return { outcome: 'lead', answers: [...plainAnswers(meta, ['item_meta']), ...formName] }
}

import type { Kind } from '../kind.ts'
import { hasNoShape, readPlain } from '../plain.ts'

export const ninjaForms: Kind = {
  name: 'NINJA_FORMS',
  title: 'Ninja Forms',
  recognizes: hasNoShape,
  read: readPlain,
  setup: [
    'Install the **Webhooks** add-on, edit the form, open **Emails & Actions**, and add the action **Webhooks**.',
    'Paste the URL of the source as the **Remote URL** and choose the method **POST**.',
    'Under **Args** add a row for each field, such as `email` and `first_name`, publish, and submit the form once.',
  ],
  evidence: 'shape',
}

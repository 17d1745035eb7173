import type { Kind } from '../kind.ts'
import { headerHolds, readPlain } from '../plain.ts'

export const wpforms: Kind = {
  name: 'WPFORMS',
  title: 'WPForms',
  // The user names every key, so the body has no shape of its own.
  recognizes: (payload) => headerHolds(payload, 'user-agent', 'wpforms'),
  read: readPlain,
  setup: [
    'Install the **Webhooks** addon, edit the form, go to **Settings**, then **Webhooks**, and turn **Enable Webhooks** on.',
    'Paste the URL of the source as the **Request URL**, with the method **POST** and the format **JSON**.',
    'Under **Request Body** add a row for each field, such as `email` and `first_name`, save, and submit the form once.',
  ],
  evidence: 'shape',
}

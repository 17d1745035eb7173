import { valueAt } from '../answers.ts'
import type { Kind } from '../kind.ts'
import { readPlain } from '../plain.ts'

/** Entries about the page that Instapage adds to those of the form. */
const addedKeys = ['page_id', 'page_name', 'page_url', 'variation']

export const instapage: Kind = {
  name: 'INSTAPAGE',
  title: 'Instapage',
  recognizes: ({ body }) => addedKeys.every((key) => valueAt(body, key) !== undefined),
  read: readPlain,
  setup: [
    'Edit the page, select the form, open its settings, and go to **Integrations**.',
    'Choose **Webhook**, the method **POST**, and paste the URL of the source.',
    'Map the fields, save, publish the page, and submit the form once.',
  ],
  evidence: 'recollection',
}

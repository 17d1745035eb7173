import type { Kind } from '../kind.ts'
import { hasNoShape, readPlain } from '../plain.ts'

export const leadpages: Kind = {
  name: 'LEADPAGES',
  title: 'Leadpages',
  recognizes: hasNoShape,
  read: readPlain,
  setup: [
    'Connect the page with Zapier: make a Zap with the trigger **New Form Submission** of Leadpages and choose the form.',
    'Add the action **POST** of **Webhooks by Zapier** and paste the URL of the source.',
    'Choose the payload type **json**, add a row for each field under **Data**, such as `email` and `first_name`, and publish the Zap.',
  ],
  evidence: 'recollection',
}

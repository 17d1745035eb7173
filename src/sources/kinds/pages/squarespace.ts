import type { Kind } from '../kind.ts'
import { hasNoShape, readPlain } from '../plain.ts'

export const squarespace: Kind = {
  name: 'SQUARESPACE',
  title: 'Squarespace',
  recognizes: hasNoShape,
  read: readPlain,
  setup: [
    'A form block of Squarespace cannot call a URL, so connect it with Zapier: edit the form block, open its storage, and choose **Zapier**.',
    'In Zapier make a Zap with the trigger **New Form Submission** of Squarespace and the action **POST** of **Webhooks by Zapier**.',
    'Paste the URL of the source, choose the payload type **json**, add a row for each field under **Data**, such as `email` and `name`, and publish the Zap.',
  ],
  evidence: 'shape',
}

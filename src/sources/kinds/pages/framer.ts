import { hmac } from '../../verify/hmac.ts'
import type { Kind } from '../kind.ts'
import { readPlain } from '../plain.ts'

export const framer: Kind = {
  name: 'FRAMER',
  title: 'Framer',
  // The body has the names of the inputs only, so the headers tell.
  recognizes: ({ headers }) =>
    headers['framer-webhook-submission-id'] !== undefined || headers['framer-signature'] !== undefined,
  read: readPlain,
  repeatId: ({ headers }) => headers['framer-webhook-submission-id'],
  verification: hmac({
    header: 'framer-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'sha256=',
    signed: '{body}{framer-webhook-submission-id}',
  }),
  setup: [
    'Select the form on the canvas, choose **Add…** beside **Send To**, then **Webhook**.',
    'Paste the URL of the source. To verify requests, enter a secret there and set the same secret on the source.',
    'Publish the site, then submit the form once.',
  ],
  evidence: 'shape',
}

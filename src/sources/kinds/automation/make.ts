import type { Kind } from '../kind.ts'
import { readPlain } from '../plain.ts'

export const make: Kind = {
  name: 'MAKE',
  title: 'Make',
  // The user names every key, so the body has no shape of its own.
  recognizes: ({ headers }) => /^(make|integromat)\//i.test(headers['user-agent'] ?? ''),
  read: readPlain,
  setup: [
    'Add the module **HTTP**, **Make a request**, to the scenario.',
    'Paste the URL of the source, with the method **POST**, the body type **Raw** and the content type **JSON (application/json)**.',
    'Write the body with an entry for each field, such as `email` and `first_name`, run the module once, and turn the scenario on.',
  ],
  evidence: 'shape',
}

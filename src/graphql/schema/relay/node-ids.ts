import { type Noun, nounOfId } from '../../../platform/ids.ts'

/** GraphQL type of the ids of each noun, for nouns that have one. */
const typeOfNoun: Readonly<Partial<Record<Noun, string>>> = {
  workspace: 'Workspace',
  apiKey: 'ApiKey',
  auditEntry: 'AuditEntry',
  contact: 'Contact',
  submission: 'Submission',
  event: 'Event',
  endpoint: 'WebhookEndpoint',
  delivery: 'Delivery',
  attempt: 'Attempt',
  source: 'Source',
}

/** Returns the GraphQL type of an id; undefined for a text that is not an id of Rex. */
export function typeOfId(id: string): string | undefined {
  const noun = nounOfId(id)
  return noun && typeOfNoun[noun]
}

import { type Noun, nounOfId } from '../../../platform/ids.ts'

/** The type of the schema that each noun's ids name, where it has one. */
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
}

/** The type that an id names; undefined for what is no id of ours. */
export function typeOfId(id: string): string | undefined {
  const noun = nounOfId(id)
  return noun && typeOfNoun[noun]
}

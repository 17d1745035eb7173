import type { Payload } from '../../payload.ts'
import type { Answer, Kind, KindReading } from '../kind.ts'
import { headerHolds, plainAnswers } from '../plain.ts'

export const zapier: Kind = {
  name: 'ZAPIER',
  title: 'Zapier',
  // The user names every key, so the body has no shape of its own.
  recognizes: (payload) => headerHolds(payload, 'user-agent', 'zapier'),
  read,
  setup: [
    'Add the action **Webhooks by Zapier** to the Zap and choose the event **POST**.',
    'Paste the URL of the source and choose the payload type **json**.',
    'Under **Data** add a row for each field, such as `email` and `first_name`, then test the step and publish the Zap.',
  ],
  evidence: 'shape',
}

/** Zapier flattens nested data into keys such as `data__company`, of which the last part is the name. */
function read({ body }: Payload): KindReading {
  return { outcome: 'lead', answers: plainAnswers(body, []).map(withOwnName) }
}

function withOwnName(answer: Answer): Answer {
  const name = answer.label.slice(answer.label.lastIndexOf('__') + 2)
  const isVague = ['', 'name', 'id', 'value', 'c'].includes(name.toLowerCase())
  return answer.label.includes('__') && !isVague ? { ...answer, label: name } : answer
}

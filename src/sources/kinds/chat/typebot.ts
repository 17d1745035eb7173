import type { Payload } from '../../payload.ts'
import { textAt } from '../answers.ts'
import type { Kind, KindReading } from '../kind.ts'
import { answersOfPerson } from '../people-answers.ts'

const bookkeeping = new Set(['typebotId', 'botId', 'resultId', 'submittedAt'])

export const typebot: Kind = {
  name: 'TYPEBOT',
  title: 'Typebot',
  recognizes,
  read,
  repeatId: ({ body }) => textAt(body, 'resultId'),
  setup: [
    'In Typebot, add the block **HTTP request** after the question for the address and choose the method **POST**.',
    'Paste the URL of the source. Under **Advanced configuration**, set a custom body: `{"email": "{{Email}}", "name": "{{Name}}", "company": "{{Company}}"}`, with the names of your variables.',
    'Choose **Test the request**, then publish the bot.',
  ],
  events: 'Every request becomes a lead.',
  evidence: 'shape',
}

/** The user writes the body; only one with the bot's ids says where it comes from. */
function recognizes({ body }: Payload): boolean {
  const hasBot = textAt(body, 'typebotId') !== undefined || textAt(body, 'botId') !== undefined
  return hasBot && (textAt(body, 'resultId') !== undefined || textAt(body, 'submittedAt') !== undefined)
}

function read({ body }: Payload): KindReading {
  return { outcome: 'lead', answers: answersOfPerson(body, [], { except: bookkeeping }) }
}

import type { JsonObject, JsonValue, Payload } from '../../payload.ts'
import { answerOf, listAt, objectAt, textAt } from '../answers.ts'
import type { AnswerField, Kind, KindReading } from '../kind.ts'
import { answersOfTexts, leadIfReachable } from '../people-answers.ts'

const fields: Readonly<Record<string, AnswerField>> = { email: 'email', name: 'full_name', phone: 'phone' }

const bookkeeping = new Set('id type channel_id archived unread last_message register_date token'.split(' '))

export const landbot: Kind = {
  name: 'LANDBOT',
  title: 'Landbot',
  recognizes,
  read,
  setup: [
    'In Landbot, add the block **Webhook** after the question for the address and choose the method **POST**.',
    'Paste the URL of the source. Under **Customize body**, write `{"email": "@email", "name": "@name", "phone": "@phone"}`, with the names of your variables.',
    'Choose **Test the request**, save, and publish the bot.',
  ],
  events:
    'Every request of the block becomes a lead. Of a message hook, messages of customers with an address or a phone become leads, and others are ignored.',
  evidence: 'shape',
}

/** The user writes the block's body; a message hook sends messages with their customer. */
function recognizes({ body }: Payload): boolean {
  return listAt(body, 'messages').some((message) => customerOf(message) !== undefined && objectAt(message, 'channel'))
}

function customerOf(message: JsonValue | undefined): JsonObject | undefined {
  return objectAt(message, 'customer')
}

function read({ body }: Payload): KindReading {
  const messages = listAt(body, 'messages')
  const index = messages.findLastIndex((message) => textAt(message, 'sender', 'type') === 'customer')
  const message = messages[index]
  if (message === undefined) return { outcome: 'ignored', event: 'message' }
  return leadIfReachable('message', [
    ...answersOfTexts(customerOf(message), ['messages', index, 'customer'], { fields, except: bookkeeping }),
    ...answerOf(['messages', index, 'data', 'body'], 'message', textAt(message, 'data', 'body'), 'metadata'),
  ])
}

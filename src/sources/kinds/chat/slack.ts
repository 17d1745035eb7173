import type { Payload } from '../../payload.ts'
import { hmac } from '../../verify/hmac.ts'
import { objectAt, textAt, valueAt } from '../answers.ts'
import type { AnswerField, HandshakeRequest, HandshakeResponse, Kind, KindReading } from '../kind.ts'
import { answersOfTexts } from '../people-answers.ts'

/** Profile fields of a member who joins. */
const fields: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  real_name: 'full_name',
  first_name: 'first_name',
  last_name: 'last_name',
  phone: 'phone',
  title: 'metadata',
}

export const slack: Kind = {
  name: 'SLACK',
  title: 'Slack',
  recognizes,
  read,
  repeatId: ({ body }) => textAt(body, 'event_id'),
  verification: hmac({
    header: 'x-slack-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'v0=',
    timestamp: { header: 'x-slack-request-timestamp', unit: 's' },
    signed: 'v0:{timestamp}:{body}',
  }),
  handshake,
  secretKeys: ['token'],
  setup: [
    'On api.slack.com, open your app, give it the scopes `users:read` and `users:read.email`, and set its **Signing secret** as the secret of the source.',
    'Open **Event subscriptions**, turn them on, and paste the URL of the source as **Request URL**. Slack verifies it at once.',
    'Subscribe to the bot event `team_join`, save, and reinstall the app.',
  ],
  events:
    '`team_join` of a person becomes a lead; messages of your team, bots and every other event are ignored. `url_verification` is answered with its challenge.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const type = textAt(body, 'type')
  if (type === 'url_verification') return textAt(body, 'challenge') !== undefined
  const signs = ['token', 'team_id', 'api_app_id', 'event_id', 'event_time'].filter((key) =>
    Object.hasOwn(body, key),
  ).length
  return (type === 'event_callback' && signs > 0) || (objectAt(body, 'event') !== undefined && signs >= 3)
}

function read({ body }: Payload): KindReading {
  const event = textAt(body, 'event', 'type') ?? textAt(body, 'type') ?? 'unknown'
  const user = objectAt(body, 'event', 'user')
  if (event !== 'team_join' || user?.['is_bot'] === true) return { outcome: 'ignored', event }
  const profile = pick(objectAt(user, 'profile'), Object.keys(fields))
  return { outcome: 'lead', answers: answersOfTexts(profile, ['event', 'user', 'profile'], { fields }) }
}

function pick(object: Payload['body'] | undefined, keys: readonly string[]): Payload['body'] {
  return Object.fromEntries(Object.entries(object ?? {}).filter(([key]) => keys.includes(key)))
}

function handshake({ method, body }: HandshakeRequest): HandshakeResponse | undefined {
  if (method !== 'POST' || textAt(body, 'type') !== 'url_verification') return undefined
  const challenge = valueAt(body, 'challenge')
  return typeof challenge === 'string' ? { status: 200, type: 'text/plain', body: challenge } : undefined
}

import { describe, expect, it } from 'vitest'
import type { HandshakeRequest, SignedRequest } from '../../../src/sources/kinds/kind.ts'
import { personKinds } from '../../support/kind-groups.ts'
import { kindNamed } from '../../support/kind-readings.ts'

const secret = 'vector-secret'
const text = '{"email":"jane@example.com"}'
const seconds = 1_773_662_400
const sentAt = new Date(seconds * 1000)

interface Vector {
  readonly kind: string
  /** What was signed, for `printf %s "$SIGNED" | openssl dgst -sha256 -hmac vector-secret` (or `-sha1`). */
  readonly signed: string
  readonly header: string
  readonly digest: string
  readonly before?: string
  readonly others?: Readonly<Record<string, string>>
  readonly isDated: boolean
}

const vectors: readonly Vector[] = [
  {
    kind: 'CALENDLY',
    signed: `${seconds}.${text}`,
    header: 'calendly-webhook-signature',
    before: `t=${seconds},v1=`,
    digest: 'd86685b4bbb79bfba799d10e52d0055b8cb2be1ec4b84f9b771b9e01ce7d4efb',
    isDated: true,
  },
  {
    kind: 'CAL_COM',
    signed: text,
    header: 'x-cal-signature-256',
    digest: '12ab21e329fff6db1e2abc46699482ab6f56d302da4e859732afb3479a1d7136',
    isDated: false,
  },
  {
    kind: 'META_LEAD_ADS',
    signed: text,
    header: 'x-hub-signature-256',
    before: 'sha256=',
    digest: '12ab21e329fff6db1e2abc46699482ab6f56d302da4e859732afb3479a1d7136',
    isDated: false,
  },
  {
    kind: 'INTERCOM',
    signed: text,
    header: 'x-hub-signature',
    before: 'sha1=',
    digest: 'df3007d9c0f3c55db5f40d7b936070705701aa10',
    isDated: false,
  },
  {
    kind: 'SEGMENT',
    signed: text,
    header: 'x-signature',
    digest: 'df3007d9c0f3c55db5f40d7b936070705701aa10',
    isDated: false,
  },
  {
    kind: 'LINKEDIN',
    signed: `hmacsha256=${text}`,
    header: 'x-li-signature',
    digest: '603c3fe07ae4f517436f699523bb71b018a612d917c68ebfe7c9252cabef756d',
    isDated: false,
  },
  {
    kind: 'CRISP',
    signed: `[${seconds}000;${text}]`,
    header: 'x-crisp-signature',
    digest: '2d1ff8dc4b7851fb5f620e11fd750a6948d6d0641f2afb7ec24780a7a07349c0',
    others: { 'x-crisp-request-timestamp': `${seconds}000` },
    isDated: true,
  },
  {
    kind: 'CHATWOOT',
    signed: `${seconds}.${text}`,
    header: 'x-chatwoot-signature',
    before: 'sha256=',
    digest: 'd86685b4bbb79bfba799d10e52d0055b8cb2be1ec4b84f9b771b9e01ce7d4efb',
    others: { 'x-chatwoot-timestamp': `${seconds}` },
    isDated: true,
  },
  {
    kind: 'TIDIO',
    signed: `${text}_${seconds}`,
    header: 'x-tidio-signature',
    before: `t=${seconds},s=`,
    digest: '70f54ac351b5ac8ad02ab16fc7301b5b1a386d96e9fc55162d00fd8d2f346942',
    isDated: true,
  },
  {
    kind: 'SLACK',
    signed: `v0:${seconds}:${text}`,
    header: 'x-slack-signature',
    before: 'v0=',
    digest: 'aaed7f88a663645eda0965f9a3f7afc14e0962dbd7d4245a7b848af70671dd1d',
    others: { 'x-slack-request-timestamp': `${seconds}` },
    isDated: true,
  },
]

describe('a signature by openssl', () => {
  it.each(vectors)('of $kind is accepted with its secret and refused with another one', (vector) => {
    expect(verify(vector, requestOf(vector))).toBe(true)
    expect(verify(vector, requestOf(vector), 'another-secret')).toBe(false)
    expect(verify(vector, requestOf(vector), '')).toBe(false)
  })

  it.each(vectors)('of $kind is refused for another body, a changed digest and a missing header', (vector) => {
    expect(verify(vector, { ...requestOf(vector), bytes: Buffer.from(`${text} `) })).toBe(false)
    expect(verify(vector, requestOf({ ...vector, digest: vector.digest.replace(/^./, '0') }))).toBe(false)
    expect(verify(vector, requestOf({ ...vector, digest: '' }))).toBe(false)
    expect(verify(vector, { ...requestOf(vector), headers: {} })).toBe(false)
  })

  it.each(vectors.filter(({ isDated }) => isDated))('of $kind is refused more than 5 minutes off', (vector) => {
    const request = requestOf(vector)
    for (const offset of [-300, 300]) expect(verify(vector, { ...request, now: secondsLater(offset) })).toBe(true)
    for (const offset of [-301, 301]) expect(verify(vector, { ...request, now: secondsLater(offset) })).toBe(false)
  })

  it.each(vectors.filter(({ isDated }) => !isDated))('of $kind has no date to be refused for', (vector) => {
    expect(verify(vector, { ...requestOf(vector), now: secondsLater(86_400) })).toBe(true)
  })

  it('of LinkedIn is accepted with its prefix, but not over the body alone', () => {
    const linkedin = vectors.find(({ kind }) => kind === 'LINKEDIN')
    const calCom = vectors.find(({ kind }) => kind === 'CAL_COM')
    if (linkedin === undefined || calCom === undefined) throw new Error('A vector is missing.')
    expect(verify(linkedin, requestOf({ ...linkedin, before: 'hmacsha256=' }))).toBe(true)
    expect(verify(linkedin, requestOf({ ...linkedin, digest: calCom.digest }))).toBe(false)
  })

  it('of Slack is the one that its documentation publishes', () => {
    // https://docs.slack.dev/authentication/verifying-requests-from-slack
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
    const headers = {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    }
    const request = { bytes: Buffer.from(body), headers, body: undefined, now: new Date(1_531_420_618_000) }
    expect(kindNamed(personKinds, 'SLACK').verification?.verify(request, '8f742231b10e8888abcd99yyyzzz85a5')).toBe(true)
  })
})

describe('a secret in the body', () => {
  it.each([
    ['GOOGLE_ADS', 'google_key'],
    ['DRIFT', 'token'],
  ])('of %s is compared with the secret, and its key %s is never stored', (name, key) => {
    const { verification, secretKeys } = kindNamed(personKinds, name)
    const request = { bytes: Buffer.from(''), headers: {}, now: sentAt }
    expect(verification?.verify({ ...request, body: { [key]: 'shared-key' } }, 'shared-key')).toBe(true)
    expect(verification?.verify({ ...request, body: { [key]: 'shared-key' } }, 'another-key')).toBe(false)
    for (const body of [{ [key]: ['shared-key'] }, {}, [], null, undefined]) {
      expect(verification?.verify({ ...request, body }, 'shared-key')).toBe(false)
    }
    expect(secretKeys).toEqual([key])
  })
})

describe('a handshake', () => {
  it('of Meta is answered with the challenge when the verify token is a secret of the source', () => {
    const query = 'hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=old-secret'
    expect(handshake('META_LEAD_ADS', { query, secrets: ['new-secret', 'old-secret'] })).toEqual({
      status: 200,
      type: 'text/plain',
      body: '1158201444',
    })
  })

  it.each([
    ['another token', 'hub.challenge=1&hub.verify_token=guess', ['secret']],
    ['no token', 'hub.challenge=1', ['secret']],
    ['no challenge', 'hub.mode=subscribe&hub.verify_token=secret', ['secret']],
    ['a source without a secret', 'hub.challenge=1&hub.verify_token=', []],
  ])('of Meta is refused with 403 for %s', (_title, query, secrets) => {
    expect(handshake('META_LEAD_ADS', { query, secrets })?.status).toBe(403)
  })

  it('of LinkedIn is answered with the HMAC of the challenge', () => {
    // printf %s 890e4665-4dfe-4ab1-b689-ed553bceeed0 | openssl dgst -sha256 -hmac vector-secret
    const challengeCode = '890e4665-4dfe-4ab1-b689-ed553bceeed0'
    const response = handshake('LINKEDIN', { query: `challengeCode=${challengeCode}`, secrets: [secret] })
    expect(response).toMatchObject({ status: 200, type: 'application/json' })
    expect(JSON.parse(response?.body ?? '')).toEqual({
      challengeCode,
      challengeResponse: '36c3a98ab4c52e46587abbc3e75c0b459e7584c7a64cd4bc3b9489e8b95553f4',
    })
  })

  it('of LinkedIn is refused without a secret, and for a text whose HMAC would be a signature', () => {
    expect(handshake('LINKEDIN', { query: 'challengeCode=abc', secrets: [] })?.status).toBe(403)
    const query = `challengeCode=${encodeURIComponent(`hmacsha256=${text}`)}`
    expect(handshake('LINKEDIN', { query, secrets: [secret] })?.status).toBe(403)
  })

  it('of Slack is answered with its challenge', () => {
    const body = { token: 't', challenge: '3eZbrw1a', type: 'url_verification' }
    expect(handshake('SLACK', { method: 'POST', body })).toEqual({ status: 200, type: 'text/plain', body: '3eZbrw1a' })
    expect(handshake('SLACK', { method: 'POST', body: { ...body, challenge: 5 } })).toBeUndefined()
  })

  it('is none in any other request', () => {
    for (const { name } of personKinds) {
      expect(handshake(name, {}), name).toBeUndefined()
      expect(handshake(name, { query: 'source=x&utm_source=y' }), name).toBeUndefined()
      expect(handshake(name, { method: 'POST', body: { email: 'jane@example.com' } }), name).toBeUndefined()
    }
  })
})

function requestOf(vector: Vector): SignedRequest {
  const headers = { [vector.header]: `${vector.before ?? ''}${vector.digest}`, ...vector.others }
  return { bytes: Buffer.from(text), headers, body: JSON.parse(text), now: sentAt }
}

function verify({ kind }: Vector, request: SignedRequest, key = secret): boolean | undefined {
  return kindNamed(personKinds, kind).verification?.verify(request, key)
}

function secondsLater(offset: number): Date {
  return new Date((seconds + offset) * 1000)
}

function handshake(name: string, request: Omit<Partial<HandshakeRequest>, 'query'> & { readonly query?: string }) {
  const { query = '', ...rest } = request
  const full = { method: 'GET' as const, body: undefined, secrets: [], ...rest, query: new URLSearchParams(query) }
  return kindNamed(personKinds, name).handshake?.(full)
}

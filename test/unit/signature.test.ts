import { spawnSync } from 'node:child_process'
import crypto from 'node:crypto'
import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { type SigningSecrets, signatureHeaders } from '../../src/delivery/attempt/signature.ts'

const contract = readFileSync(new URL('../contract/webhooks.md', import.meta.url), 'utf8')
const eventId = 'evt_01HQ0000000000000000000000'
const body = quoted(/^Test vectors: body `(.*)`, t `/m)
const timestamp = 1_710_590_400
const plain = 'whsec_your_signing_secret'
const standard = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const hasPython = spawnSync('python3', ['--version']).status === 0

describe('the test vectors of the contract', () => {
  it('gives v1 for a secret that is not base64', () => {
    const headers = signatureHeaders({ eventId, timestamp, body, secrets: { accepted: plain } })
    expect(headers).toEqual({
      'x-rex-signature': `t=1710590400,v1=${vector(plain, 'v1')}`,
      'webhook-id': eventId,
      'webhook-timestamp': '1710590400',
    })
  })

  it('gives v1 and a Standard Webhooks signature for a secret of that form', () => {
    const headers = signatureHeaders({ eventId, timestamp, body: Buffer.from(body), secrets: { accepted: standard } })
    expect(headers['x-rex-signature']).toBe(`t=1710590400,v1=${vector(standard, 'v1')}`)
    expect(headers['webhook-signature']).toBe(vector(standard, 'webhook-signature'))
  })
})

describe('while a secret is rotated', () => {
  it('signs v1 by the accepted secret alone and v1n by the other', () => {
    const headers = signatureHeaders({ eventId, timestamp, body, secrets: { accepted: plain, other: standard } })
    expect(headers['x-rex-signature']).toBe(`t=1710590400,v1=${vector(plain, 'v1')},v1n=${vector(standard, 'v1')}`)
  })

  it('leaves a secret of another form out of webhook-signature', () => {
    const headers = signatureHeaders({ eventId, timestamp, body, secrets: { accepted: plain, other: standard } })
    expect(headers['webhook-signature']).toBe(vector(standard, 'webhook-signature'))
  })

  it('separates two Standard Webhooks signatures by a space, the accepted one first', () => {
    const other = secretOf(32)
    const sign = (secrets: SigningSecrets) =>
      signatureHeaders({ eventId, timestamp, body, secrets })['webhook-signature']
    expect(sign({ accepted: standard, other })).toBe(`${sign({ accepted: standard })} ${sign({ accepted: other })}`)
  })
})

describe('the form of a Standard Webhooks secret', () => {
  it.each([
    ['24 bytes', secretOf(24), true],
    ['25 bytes, padded', secretOf(25), true],
    ['64 bytes', secretOf(64), true],
    ['23 bytes', secretOf(23), false],
    ['65 bytes', secretOf(65), false],
    ['25 bytes without padding', secretOf(25).replace(/=+$/, ''), false],
    ['the URL alphabet', `whsec_${'-_'.repeat(16)}`, false],
    ['another prefix', standard.replace('whsec_', 'secret_'), false],
    ['a space inside', standard.replace('MfKQ', 'Mf KQ'), false],
  ])('is judged rightly for %s', (_, secret, isStandard) => {
    const headers = signatureHeaders({ eventId, timestamp, body, secrets: { accepted: secret } })
    expect('webhook-signature' in headers).toBe(isStandard)
  })
})

describe.each([
  ['one secret', { accepted: standard }],
  ['two secrets', { accepted: standard, other: secretOf(32) }],
])('verifiers that receivers use, with %s', (_, secrets) => {
  const now = Math.floor(Date.now() / 1000)
  const headers = signatureHeaders({ eventId, timestamp: now, body, secrets })
  const forged = body.replace('Jane', 'Joan')
  const rexSignature = headers['x-rex-signature'] ?? ''

  it('accepts by stripe and refuses other bytes', () => {
    const { webhooks } = new Stripe('sk_test_unused')
    expect(webhooks.constructEvent(body, rexSignature, standard).id).toBe(eventId)
    expect(() => webhooks.constructEvent(forged, rexSignature, standard)).toThrow(/signature/)
  })

  it('accepts by standardwebhooks with each secret and refuses other bytes', () => {
    for (const secret of Object.values(secrets)) {
      expect(new Webhook(secret).verify(body, headers)).toMatchObject({ id: eventId })
      expect(() => new Webhook(secret).verify(forged, headers)).toThrow(/signature/i)
    }
  })

  it('accepts by the published function for Node and refuses other bytes', () => {
    expect(verifyInNode(body, rexSignature, standard)).toBe(true)
    expect(verifyInNode(forged, rexSignature, standard)).toBe(false)
  })

  it.skipIf(!hasPython)('accepts by the published function for Python and refuses other bytes', () => {
    expect(verifyInPython(body, rexSignature, standard)).toBe('True')
    expect(verifyInPython(forged, rexSignature, standard)).toBe('False')
  })
})

describe('a secret with spaces and of any script', () => {
  const secret = ' whsec очень секретно 🙂 '
  const signature = signatureHeaders({ eventId, timestamp, body, secrets: { accepted: secret } })

  it('signs by its UTF-8 bytes, and has no Standard Webhooks signature', () => {
    const key = Buffer.from(secret, 'utf8')
    const expected = crypto.createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')
    expect(signature['x-rex-signature']).toBe(`t=${timestamp},v1=${expected}`)
    expect(signature).not.toHaveProperty('webhook-signature')
    expect(verifyInNode(body, signature['x-rex-signature'] ?? '', secret)).toBe(true)
  })

  it.skipIf(!hasPython)('is verified by the published function for Python', () => {
    expect(verifyInPython(body, signature['x-rex-signature'] ?? '', secret)).toBe('True')
  })
})

function verifyInNode(payload: string, signature: string, secret: string): unknown {
  const source = quoted(/```js\n([\s\S]*?)```/)
  return runInNewContext(`${source}; verifyWebhook(payload, signature, secret)`, {
    crypto,
    Buffer,
    payload,
    signature,
    secret,
  })
}

function verifyInPython(payload: string, signature: string, secret: string): string {
  const source = quoted(/```python\n([\s\S]*?)```/)
  const program = `import hashlib, hmac, sys\n${source}\nprint(verify_webhook(sys.stdin.buffer.read(), *sys.argv[1:]))`
  return spawnSync('python3', ['-c', program, signature, secret], { input: payload, encoding: 'utf8' }).stdout.trim()
}

function vector(secret: string, header: string): string {
  return quoted(new RegExp(`^\\| \`${secret}\` \\| \`${header}\` \\| \`(.*)\` \\|$`, 'm'))
}

function quoted(pattern: RegExp): string {
  const text = pattern.exec(contract)?.[1]
  if (text === undefined) throw new Error(`Expected ${pattern} in the contract.`)
  return text
}

function secretOf(bytes: number): string {
  return `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`
}

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { signatureHeaders as ownHeaders } from '../../src/cli/webhook/webhook-signature.ts'
import { signatureHeaders } from '../../src/delivery/attempt/signature.ts'
import { runCli } from '../support/cli.ts'

const contract = readFileSync(new URL('../contract/webhooks.md', import.meta.url), 'utf8')
const [, body = ''] = /^Test vectors: body `(.*)`, t `/m.exec(contract)!
const eventId = 'evt_01HQ0000000000000000000000'
const timestamp = 1_710_590_400
const plain = 'whsec_your_signing_secret'
const standard = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const rexHeader = 't=1710590400,v1=2fba7a8c514a68b48908d3ae819550d2ab71ba6c897ebcbb1dd5e45d0c04fdd2'
const standardHeader = 'v1,5men94/01FAmUchf4+gU2V6vSQpypMYF8rnwCdvTsQw='

function verify(
  {
    secret = plain,
    signature = rexHeader,
    stdin = body,
    now = timestamp + 10,
  }: Partial<Record<'secret' | 'signature' | 'stdin', string>> & { now?: number },
  ...more: string[]
) {
  const given = ['--secret', secret, '--signature', signature, '--body', '-', '--now', String(now)]
  return runCli(['verify', ...given, ...more], { stdin })
}

describe('rex verify', () => {
  it('accepts the test vectors of the contract, of both families', async () => {
    expect(await verify({})).toMatchObject({ code: 0, stdout: 'The signature matches (X-Rex-Signature).\n' })
    expect(await verify({ signature: `X-Rex-Signature: ${rexHeader}` })).toMatchObject({ code: 0 })
    const given = { secret: standard, signature: standardHeader }
    expect(await verify(given, '--timestamp', String(timestamp))).toMatchObject({
      code: 0,
      stdout: 'The signature matches (webhook-signature of Standard Webhooks).\n',
    })
    expect(
      await verify(
        { ...given, signature: `v1,${'A'.repeat(43)}= ${standardHeader}` },
        '--timestamp',
        String(timestamp),
      ),
    ).toMatchObject({ code: 0 })
  })

  it.each([
    ['the age', { now: timestamp + 301 }, /right, but it was made 301 seconds ago; 300 are allowed/],
    ['a clock that is behind', { now: timestamp - 400 }, /right, but it was made 400 seconds ahead of this clock/],
    ['a line break at the end', { stdin: `${body}\n` }, /line breaks at its end that were not sent/],
    ['a body that was parsed', { stdin: JSON.stringify(JSON.parse(body), null, 2) }, /parsed and serialised again/],
    ['a byte order mark', { stdin: `\u{FEFF}${body}` }, /byte order mark/],
    ['spaces around the secret', { secret: `${plain} ` }, /has spaces or a line break around it/],
    ['a secret without whsec_', { secret: plain.slice(6) }, /whsec_ is missing/],
    ['another secret', { secret: standard }, /The secret is another one, or the body or the time was changed/],
    ['no v1', { signature: 't=1710590400' }, /wrong format\. It has no v1/],
    ['a bare digest', { signature: rexHeader.split('v1=')[1]! }, /bare hex digest/],
    ['another header', { signature: 'sha256=abc' }, /neither t=…,v1=… \(X-Rex-Signature\) nor v1,…/],
    ['a missing webhook-timestamp', { secret: standard, signature: standardHeader }, /give it with --timestamp/],
  ])('says that %s is the reason, and ends with 1', async (_, given, told) => {
    const { code, stdout, stderr } = await verify(given)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(told)
  })

  it('says that a secret has no signature of Standard Webhooks', async () => {
    const { code, stderr } = await verify({ signature: standardHeader }, '--timestamp', String(timestamp))
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('Verify X-Rex-Signature with it.') })
  })

  it('recognises the other secret of a rotation', async () => {
    const secrets = { accepted: standard, other: plain }
    const signature = signatureHeaders({ eventId, timestamp, body, secrets })['x-rex-signature']!
    expect((await verify({ signature })).stderr).toContain('the other one of a rotation (v1n)')
  })

  it('allows any age with --tolerance 0, and prints its verdict with --json', async () => {
    expect((await verify({ now: timestamp + 1_000_000 }, '--tolerance', '0')).code).toBe(0)
    const { code, stdout } = await verify({ stdin: `${body}\n` }, '--json')
    expect({ code, verdict: JSON.parse(stdout) }).toEqual({
      code: 1,
      verdict: { matches: false, family: 'rex', reason: 'body', message: expect.any(String) },
    })
  })
})

describe('the signature of rex listen', () => {
  it.each([plain, standard, 'no-prefix-0123456789'])('is that of the server, with the secret %s', (secret) => {
    const ofServer = signatureHeaders({ eventId, timestamp, body, secrets: { accepted: secret } })
    expect(ownHeaders(secret, { id: eventId, timestamp, body })).toEqual(ofServer)
  })
})

import { expect, it } from 'vitest'
import { signatureHeaders } from '../../src/delivery/attempt/signature.ts'
import { checkSignature } from '../../src/web/dashboard/pages/webhooks/verify/check-signature.ts'

const body = '{"id":"evt_1","event":"contact.created","data":{"first_name":"Zoë"}}'
const [secret, other] = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD']
const timestamp = 1_700_000_000

const signed = signatureHeaders({ eventId: 'evt_1', timestamp, body, secrets: { accepted: other, other: secret } })
const headers = Object.entries(signed)
  .map(([name, value]) => `> ${name}: ${value}\r`)
  .join('\n')

/** Returns the parts that are not right, with their explanations. */
async function wrongs(changes: Partial<Parameters<typeof checkSignature>[0]>, seconds = 1): Promise<string[]> {
  const request = { headers, body, secret, secretHint: secret.slice(-4), ...changes }
  const findings = await checkSignature(request, (timestamp + seconds) * 1000)
  return findings.filter(({ state }) => state !== 'right').map(({ part, state, text }) => `${part} ${state}: ${text}`)
}

it('finds nothing wrong with what Rex signs, by either scheme and either secret', async () => {
  expect(await wrongs({})).toEqual([])
  expect(await wrongs({ secret: other })).toEqual([])
  expect(await wrongs({ headers: signed['x-rex-signature']! })).toEqual([])
  expect(await wrongs({ headers: headers.replace(/^.*x-rex-signature.*$/m, '') })).toEqual([])
  expect(await wrongs({ headers: JSON.stringify(signed, null, 2) })).toEqual([])
  const standard = { ...signed, 'x-rex-signature': undefined }
  expect(await wrongs({ headers: JSON.stringify(standard, null, 2) })).toEqual([])
})

it('names the age', async () => {
  expect(await wrongs({}, 600)).toEqual(['Age wrong: It is 600 seconds old. Programs accept 300.'])
  expect(await wrongs({}, -600)).toEqual([
    'Age wrong: It is 600 seconds in the future: a clock is wrong. Programs accept 300.',
  ])
})

it('names the format', async () => {
  expect(await wrongs({ headers: 'Content-Type: application/json' })).toEqual([
    'Format wrong: There is no header X-Rex-Signature or webhook-signature.',
  ])
  expect(await wrongs({ headers: 'X-Rex-Signature: sha256=abc' })).toEqual([
    expect.stringMatching(/^Format wrong: The header is not readable/),
  ])
})

it('names the secret', async () => {
  expect(await wrongs({ secret: ` ${secret}` })).toEqual(['Secret wrong: It has spaces or quotes around it.'])
  expect(await wrongs({ secret: secret.slice('whsec_'.length) })).toEqual([
    'Secret wrong: Its beginning "whsec_" is missing: it belongs to the key.',
  ])
  expect(await wrongs({ secret: 'whsec_wrong' })).toEqual([
    'Secret wrong: It ends with "rong"; the secret of this webhook ends with "LaSw".',
    'Body unknown: It can be checked with the right secret.',
  ])
})

it('takes spaces at the ends of a secret for its own, as Rex does', async () => {
  const spaced = ' ein Geheimnis 🙂 '
  const own = signatureHeaders({ eventId: 'evt_1', timestamp, body, secrets: { accepted: spaced } })
  const pasted = { headers: JSON.stringify(own, null, 2), secret: spaced, secretHint: 's 🙂 ' }
  expect(await wrongs(pasted)).toEqual([])
  expect(await wrongs({ ...pasted, body: `${body}\n` })).toEqual([
    'Body wrong: It has spaces or a line break around it, which were not signed.',
  ])
  expect(await wrongs({ ...pasted, body: body.replace('Zoë', 'Zoe') })).toEqual([
    'Body wrong: It is not what was signed. Verify the raw bytes of the request, before they are parsed.',
  ])
  expect(await wrongs({ ...pasted, secret: 'ein anderes 🙂' })).toEqual([
    'Secret wrong: It ends with "es 🙂"; the secret of this webhook ends with "s 🙂 ".',
    'Body unknown: It can be checked with the right secret.',
  ])
})

it('names the body', async () => {
  expect(await wrongs({ body: `${body}\n` })).toEqual([
    'Body wrong: It has spaces or a line break around it, which were not signed.',
  ])
  expect(await wrongs({ body: JSON.stringify(JSON.parse(body), null, 2) })).toEqual([
    'Body wrong: It was parsed and written anew: its spaces differ. Verify the raw bytes of the request.',
  ])
  expect(await wrongs({ body: body.replace('evt_1', 'evt_2') })).toEqual([
    'Body wrong: It is the body of another event: evt_2 instead of evt_1.',
  ])
  expect(await wrongs({ body: body.replace('Zoë', 'Zoe') })).toEqual([
    'Body wrong: It is not what was signed. Verify the raw bytes of the request, before they are parsed.',
  ])
})

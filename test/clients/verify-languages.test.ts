import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { verifyWebhook } from '../../src/client/verify/verify.ts'
import { signatureHeaders } from '../../src/delivery/attempt/signature.ts'
import { readWebhookVectors } from '../support/webhook-vectors.ts'

interface Case {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
  /** Unix time of the receiver. */
  readonly now: number
}

const verifiers = join(import.meta.dirname, '../../examples/verify')
const drivers = join(import.meta.dirname, '../fixtures/verify')

/** How a verifier of `examples/verify` is run over cases. */
const languages = [
  { name: 'Python', command: 'python3', run: (cases: Case[]) => runDriver('python3', 'run.py', cases) },
  { name: 'PHP', command: 'php', run: (cases: Case[]) => runDriver('php', 'run.php', cases) },
  { name: 'Ruby', command: 'ruby', run: (cases: Case[]) => runDriver('ruby', 'run.rb', cases) },
  { name: 'Go', command: 'go', run: runGo },
]

const vectors = readWebhookVectors()
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const other = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
const now = 1_710_590_400
const body =
  '{"id":"evt_1","event":"contact.created","timestamp":"2026-03-16T12:00:01.000Z","data":{"email":"jürgen@example.com"}}'

const accepted: Case[] = [
  ...vectors.map(({ body, headers, secret, timestamp }) => ({ body, headers, secrets: [secret], now: timestamp })),
  caseOf({ secrets: [other], signedWith: { accepted: secret, other } }),
  caseOf({ secrets: ['another', secret] }),
  caseOf({ now: now + 300 }),
  caseOf({ now: now - 300 }),
  caseOf({ secrets: ['a-secret-of-our-own'], signedWith: { accepted: 'a-secret-of-our-own' } }),
]

const refused: readonly (readonly [string, Case])[] = [
  ...vectors.map(({ body, headers, secret, timestamp }) => {
    return ['wrong_signature', { body: `${body} `, headers, secrets: [secret], now: timestamp }] as const
  }),
  ['no_signature', { ...caseOf(), headers: {} }],
  ['too_old', caseOf({ now: now + 301 })],
  ['too_early', caseOf({ now: now - 301 })],
  ['wrong_signature', caseOf({ secrets: [other] })],
  ['wrong_signature', caseOf({ secrets: ['whsec_not*base64'] })],
  ['bad_body', { ...caseOf(), body: 'no json', headers: headersOf({ accepted: secret }, 'no json') }],
  ...[
    'nonsense',
    't=1',
    't=1,v1=00',
    `t=x,v1=${'0'.repeat(64)}`,
    `v1=${'0'.repeat(64)},t=1`,
    `t=1,v1=${'g'.repeat(64)}`,
  ].map((header) => ['bad_header', { ...caseOf(), headers: { 'x-rex-signature': header } }] as const),
  [
    'bad_header',
    { ...caseOf(), headers: { 'webhook-id': 'e', 'webhook-timestamp': 'x', 'webhook-signature': 'v1,AA==' } },
  ],
]

describe.each(languages)('examples/verify in $name', ({ command, run }) => {
  it('accepts the vectors and what Rex signs, and names the check that fails', ({ skip }) => {
    if (spawnSync(command, [command === 'go' ? 'version' : '--version']).status !== 0)
      return skip(`This machine has no ${command}.`)
    expect(run(accepted)).toEqual(accepted.map(({ body }) => JSON.parse(body).id))
    expect(run(refused.map(([, each]) => each))).toEqual(refused.map(([failure]) => failure))
  })
})

it('are judged by the same cases as rex-capture/verify', () => {
  for (const [failure, { body, headers, secrets, now }] of refused) {
    const tolerance = { toleranceSeconds: 300 + Math.abs(Date.now() / 1000 - now) }
    if (failure.startsWith('too_')) continue
    expect(verifyWebhook(body, headers, { secret: secrets, ...tolerance })).toMatchObject({ ok: false, failure })
  }
})

function caseOf({
  secrets = [secret],
  signedWith = { accepted: secret },
  now: at = now,
}: {
  secrets?: string[]
  signedWith?: { accepted: string; other?: string }
  now?: number
} = {}): Case {
  return { body, headers: headersOf(signedWith, body), secrets, now: at }
}

function headersOf(secrets: { accepted: string; other?: string }, text: string): Record<string, string> {
  return signatureHeaders({ eventId: 'evt_1', timestamp: now, body: text, secrets })
}

function runDriver(command: string, file: string, cases: readonly Case[]): unknown {
  return outcomesOf(command, [join(drivers, file), verifiers], cases)
}

/** Go builds a module: the verifier is a package in it. */
function runGo(cases: readonly Case[]): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'rex-go-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'rexwebhook'))
  cpSync(join(verifiers, 'rexwebhook.go'), join(folder, 'rexwebhook/rexwebhook.go'))
  cpSync(join(drivers, 'run.go'), join(folder, 'main.go'))
  writeFileSync(join(folder, 'go.mod'), 'module example.com/run\n\ngo 1.19\n')
  return outcomesOf('go', ['run', '.'], cases, folder)
}

function outcomesOf(command: string, parameters: string[], cases: readonly Case[], cwd = verifiers): unknown {
  const { stdout, stderr } = spawnSync(command, parameters, { cwd, input: JSON.stringify(cases), encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

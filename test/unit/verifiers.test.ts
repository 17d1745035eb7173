import { spawnSync } from 'node:child_process'
import crypto from 'node:crypto'
import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { signatureHeaders } from '../../src/delivery/attempt/signature.ts'

const page = read('docs/webhooks.md')
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body = '{"id":"evt_1","data":{"email":"jürgen@example.com"}}'
const hasPython = spawnSync('python3', ['--version']).status === 0

interface Case {
  readonly signature: string
  readonly payload: string
}

/** The block of docs/webhooks.md with the second form, and how it is run over cases. */
const forms = [
  {
    language: 'js',
    name: 'verifyRecentWebhook',
    file: 'examples/receiver-node/receiver.mjs',
    isRunnable: true,
    run: (code: string, cases: readonly Case[]): unknown =>
      cases.map(({ signature, payload }) => {
        const context = { crypto, Buffer, signature, payload: Buffer.from(payload), secret }
        return runInNewContext(`${code}; verifyRecentWebhook(payload, signature, secret)`, context)
      }),
  },
  {
    language: 'python',
    name: 'verify_recent_webhook',
    file: 'examples/receiver-python/receiver.py',
    isRunnable: hasPython,
    run: (code: string, cases: readonly Case[]): unknown => {
      const imports = 'import hashlib, hmac, json, re, sys, time'
      const loop = `print(json.dumps([verify_recent_webhook(c["payload"].encode(), c["signature"], ${JSON.stringify(secret)})
        for c in json.load(sys.stdin)]))`
      const input = JSON.stringify(cases)
      const { stdout, stderr } = spawnSync('python3', ['-c', `${imports}\n${code}\n${loop}`], {
        input,
        encoding: 'utf8',
      })
      if (stderr !== '') throw new Error(stderr)
      return JSON.parse(stdout)
    },
  },
]

describe.each(forms)(
  '11.14: the second $language verifier of the page',
  ({ language, name, file, isRunnable, run }) => {
    const code = blockWith(language, name)

    it('stands in the example to the byte', () => {
      expect(read(file)).toContain(`\n${code}`)
    })

    it.skipIf(!isRunnable)('takes what was signed within 300 seconds, and nothing else', () => {
      const now = Math.floor(Date.now() / 1000)
      const good = signed(now)
      const hex = good.split('v1=')[1]!
      const accepted = [
        good,
        signed(now - 290),
        signed(now + 290),
        `${good},v1n=00`,
        signed(now, 'another-secret-of-it'),
      ]
      const refused = [
        signed(now - 302),
        signed(now + 310),
        signed(1_710_590_400),
        good.slice(0, -1),
        `${good}00`,
        `t=${now},v1=`,
        `t=${now},v1=00`,
        `t=${now},v1=${hex.toUpperCase()}x`,
        `t=${now},v1=${'é'.repeat(64)}`,
        `t=${now}`,
        `t=,v1=${hex}`,
        `t=${now}x,v1=${hex}`,
        `t=${'9'.repeat(400)},v1=${hex}`,
        `v1=${hex},t=${now}`,
        ` ${good}`,
        '',
        'nonsense',
      ]
      const cases = (signatures: readonly string[]) => signatures.map((signature) => ({ signature, payload: body }))
      expect(run(code, cases(accepted))).toEqual(accepted.map(() => true))
      expect(run(code, cases(refused))).toEqual(refused.map(() => false))
      expect(run(code, [{ signature: good, payload: `${body} ` }])).toEqual([false])
    })
  },
)

/** With two secrets when there is another one, as during a rotation. */
function signed(timestamp: number, other?: string): string {
  const secrets = { accepted: secret, ...(other !== undefined && { other }) }
  return signatureHeaders({ eventId: 'evt_1', timestamp, body, secrets })['x-rex-signature']!
}

function blockWith(language: string, name: string): string {
  const blocks = [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  )
  return blocks.find((text) => text.includes(name)) ?? ''
}

function read(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
}

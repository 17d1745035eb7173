import { describe, expect, it } from 'vitest'
import { createLog } from '../../src/platform/log.ts'
import { logLinesOf, refusePrivateLines } from '../support/private-lines.ts'

const key = 'test-admin-key-0123456789-0123456789'

/** Writes one line as the service does, and looks at it as each test of the service does at its end. */
function judge(fields: object): () => void {
  const lines: string[] = []
  createLog('info', { write: (line: string) => void lines.push(line) }).info(fields, 'some.event')
  return () => refusePrivateLines(lines, [key])
}

describe('the look at the log at the end of a test', () => {
  it.each([
    ['an e-mail', 'jane.doe+x@example.com'],
    ['an API key', `rex_${'a'.repeat(8)}_${'b'.repeat(32)}_${'c'.repeat(6)}`],
    ['a webhook secret', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['a body', '{"first_name":"Jane"}'],
    ['the token of a source', `in_${'A1'.repeat(12)}`],
    ['the key of the test', `Bearer ${key}`],
  ])('refuses %s, and does not repeat it', (name, secret) => {
    expect(judge({ nested: { value: `before ${secret} after` } })).toThrow(`${name} in a line some.event`)
    expect(judge({ value: secret })).not.toThrow(secret)
  })

  it('lets ids, routes and stacks be', () => {
    const stack = 'at run (file:///srv/rex/node_modules/@prisma/adapter-pg/dist/index.mjs:1:2)'
    expect(
      judge({ contact_id: 'cont_01HQZX3V9K8N2M4P6R8T0W2Y4A', route: '/webhooks/:id', err: { stack } }),
    ).not.toThrow()
  })

  it('finds the lines of the log among what a process prints', () => {
    const lines: string[] = []
    createLog('info', { write: (line: string) => void lines.push(line.trim()) }).info('some.event')
    expect(logLinesOf(`\nRex listens on http://127.0.0.1:1\n${lines[0]}\n`)).toEqual(lines)
  })
})

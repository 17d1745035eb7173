import { beforeEach, describe, expect, test, vi } from 'vitest'
import { toRawPayload } from '../../../src/capture/source/raw-payload.ts'
import { decodeBody } from '../../../src/sources/decode/decode.ts'
import { allKinds } from '../../../src/sources/kinds/all-kinds.ts'
import type { JsonValue } from '../../../src/sources/payload.ts'
import { maxBytes } from '../../hostile/hostile-bodies.ts'
import { hostilePayloads } from '../../hostile/hostile-payloads.ts'
import { readGeneric } from './fixtures.ts'

/** Calls of what takes the time: taking a name apart, and reading an address. */
const calls = vi.hoisted(() => ({ words: 0, emails: 0 }))

vi.mock('../../../src/platform/text/words.ts', async (original) => {
  const words = await original<typeof import('../../../src/platform/text/words.ts')>()
  return {
    ...words,
    wordsOf: (text: string) => {
      calls.words++
      return words.wordsOf(text)
    },
  }
})

vi.mock('../../../src/platform/text/email.ts', async (original) => {
  const email = await original<typeof import('../../../src/platform/text/email.ts')>()
  return {
    ...email,
    normaliseEmail: (text: string) => {
      calls.emails++
      return email.normaliseEmail(text)
    },
  }
})

beforeEach(() => {
  calls.words = 0
  calls.emails = 0
})

describe('a hostile body of 512 KiB', () => {
  test.each(hostilePayloads().map((payload) => [payload.name, payload] as const))(
    'costs a bounded number of steps: %s',
    async (_name, { body, contentType }) => {
      expect(body.length).toBeLessThanOrEqual(maxBytes)
      const parsed = vi.spyOn(JSON, 'parse')
      const decoded = await decodeBody(body, { 'content-type': contentType })
      // The body as a whole, then at most its first values and the texts within.
      expect(lengthOf(parsed.mock.calls)).toBeLessThanOrEqual(3 * maxBytes)
      parsed.mockRestore()
      for (const payload of decoded.ok ? decoded.payloads : []) {
        expect(countValues(payload.body)).toBeLessThanOrEqual(5000)
        readGeneric(payload.body, { kinds: allKinds })
        expect(toRawPayload(payload, ['google_key']).emails.length).toBeLessThanOrEqual(5000)
      }
      expect(calls.words).toBeLessThanOrEqual(12_000)
      expect(calls.emails).toBeLessThanOrEqual(5000)
    },
  )
})

function lengthOf(all: readonly (readonly unknown[])[]): number {
  return all.reduce((sum, [text]) => sum + (typeof text === 'string' ? text.length : 0), 0)
}

function countValues(value: JsonValue): number {
  const children = typeof value === 'object' && value !== null ? Object.values(value) : []
  return children.reduce<number>((sum, child) => sum + 1 + countValues(child as JsonValue), 0)
}

import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { createPseudonyms } from '../../src/platform/crypto/pseudonyms.ts'

const keyOf = (byte: number) => ({ id: `k${byte}`, key: Buffer.alloc(32, byte) })
const noon = new Date('2026-03-16T12:00:00.000Z')
const lastOfDay = new Date('2026-03-16T23:59:59.999Z')
const midnight = new Date('2026-03-17T00:00:00.000Z')
const address = '203.0.113.7'

it('a pseudonym is the same all day on every node with the key', () => {
  const [here, there] = [createPseudonyms([keyOf(1), keyOf(2)]), createPseudonyms([keyOf(1)])]
  expect(here(address, noon)).toBe(there(address, lastOfDay))
  expect(here(address, noon)).not.toBe(here('203.0.113.8', noon))
})

it('is another the next day, and with another key', () => {
  const pseudonymOf = createPseudonyms([keyOf(1)])
  const today = pseudonymOf(address, noon)
  expect(pseudonymOf(address, midnight)).not.toBe(today)
  expect(pseudonymOf(address, noon)).toBe(today)
  expect(createPseudonyms([keyOf(2)])(address, noon)).not.toBe(today)
})

it('tells nothing to somebody without the key', () => {
  const name = createPseudonyms([keyOf(1)])(address, noon)
  expect(name).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(name).not.toBe(createHash('sha256').update(address).digest('base64url'))
})

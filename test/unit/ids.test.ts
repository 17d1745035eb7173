import { describe, expect, it, vi } from 'vitest'
import { type Noun, newId, nounOfId } from '../../src/platform/ids.ts'

const prefixes: readonly (readonly [Noun, string])[] = [
  ['workspace', 'ws'],
  ['apiKey', 'key'],
  ['auditEntry', 'aud'],
  ['contact', 'cont'],
  ['submission', 'sub'],
  ['event', 'evt'],
  ['endpoint', 'wh'],
  ['delivery', 'dlv'],
  ['attempt', 'att'],
]
const ulid = '01HQ0000000000000000000000'

describe('an id', () => {
  it.each(prefixes)('of a %s begins with %s and names it', (noun, prefix) => {
    const id = newId(noun)
    expect(id).toMatch(new RegExp(`^${prefix}_[0-7][0-9A-HJKMNP-TV-Z]{25}$`))
    expect(nounOfId(id)).toBe(noun)
  })

  it('is another one in each process, within a millisecond too', async () => {
    const randomParts = new Set<string>()
    for (let nth = 0; nth < 20; nth++) {
      vi.resetModules()
      const fresh = await import('../../src/platform/ids.ts')
      randomParts.add(fresh.newId('event').slice(-16))
    }
    expect(randomParts.size).toBe(20)
  })

  it('sorts by the order in which it was made, within a millisecond too', () => {
    const ids = Array.from({ length: 5000 }, () => newId('event'))
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('what is no id', () => {
  it.each([
    ['nothing', ''],
    ['no prefix', ulid],
    ['an empty prefix', `_${ulid}`],
    ['an unknown prefix', `nope_${ulid}`],
    ['a prefix in capitals', `CONT_${ulid}`],
    ['a noun for a prefix', `contact_${ulid}`],
    ['one character less', `cont_${ulid.slice(1)}`],
    ['one character more', `cont_${ulid}0`],
    ['lower case', `cont_${ulid.toLowerCase()}`],
    ['a letter that is none of base32', `cont_${ulid.slice(0, -1)}U`],
    ['a time beyond 48 bits', `cont_8${ulid.slice(1)}`],
    ['a line break at the end', `cont_${ulid}\n`],
    ['two ids', `cont_${ulid}cont_${ulid}`],
    ['a name of every object', 'constructor_'.concat(ulid)],
  ])('names nothing: %s', (_, id) => {
    expect(nounOfId(id)).toBeUndefined()
  })
})

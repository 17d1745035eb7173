import { expect, test } from 'vitest'
import { fieldOfPath, isSameMapping, mapPath } from '../../src/web/dashboard/pages/sources/mapping.ts'

const shown = new Set(['a', 'b'])
const email = (...paths: string[]) => ({ field: 'email', paths })

test('a path that gets a field takes the place of the shown path that had it, and those of other payloads stay', () => {
  const rules = [email('a', 'other.email'), { field: 'phone', paths: ['tel'] }]
  const mapped = mapPath(rules, { path: 'b', field: 'email', shown })
  expect(mapped).toEqual([email('b', 'other.email'), { field: 'phone', paths: ['tel'] }])
  expect(fieldOfPath(mapped, 'a')).toBe('')
  expect(fieldOfPath(mapped, 'b')).toBe('email')
})

test('a path has one field: the one that it had before loses it', () => {
  const rules = [email('a')]
  expect(mapPath(rules, { path: 'a', field: 'metadata.mail', shown })).toEqual([
    { field: 'metadata.mail', paths: ['a'] },
  ])
  expect(mapPath(rules, { path: 'a', field: '', shown })).toEqual([])
  expect(mapPath(rules, { path: 'a', field: 'email', shown })).toEqual(rules)
})

test('a mapping is the same only with the same rules and paths in the same order', () => {
  expect(isSameMapping([email('a', 'b')], [{ paths: ['a', 'b'], field: 'email' }])).toBe(true)
  expect(isSameMapping([email('a', 'b')], [email('b', 'a')])).toBe(false)
  expect(isSameMapping([email('a')], [])).toBe(false)
})

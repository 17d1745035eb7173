import { beforeAll, describe, expect, test } from 'vitest'
import { type Fixture, readFixtures, readGeneric } from './fixtures.ts'

let fixtures: readonly Fixture[]

beforeAll(async () => {
  fixtures = await readFixtures()
})

describe('every payload read as one of unknown shape', () => {
  test('has the right address, or none where it has no person', () => {
    expect(fixtures).toHaveLength(65)
    const wrong = fixtures.filter(({ body, email }) => (readGeneric(body).email ?? null) !== email)
    expect(wrong.map(({ name }) => name)).toEqual([])
  })

  test('has the name of its person and no other', () => {
    const names = fixtures.map(({ name, body }) => {
      const { firstName, lastName } = readGeneric(body).fields
      return { name, firstName, lastName }
    })
    for (const { name, firstName = 'Jane', lastName = 'Doe' } of names)
      expect({ name, firstName, lastName }).toEqual({ name, firstName: 'Jane', lastName: 'Doe' })
    expect(names.filter(({ firstName }) => firstName !== undefined).length).toBeGreaterThanOrEqual(50)
  })

  test('has metadata within the limits', () => {
    for (const { body } of fixtures) {
      const metadata = Object.entries(readGeneric(body).fields.metadata)
      expect(metadata.length).toBeLessThanOrEqual(50)
      for (const [key] of metadata) expect(key).toMatch(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/)
    }
  })

  test.for([
    ['jotform', { phone: '(415) 555-0123', company: 'Acme Ltd', utm_source: 'google' }],
    [
      'segment-identify',
      { phone: '+14155550123', company: 'Acme Ltd', utm_campaign: 'spring-launch', utm_medium: 'cpc' },
    ],
    ['google-ads-lead-form', { phone_e164: '+14155550123', company: 'Acme Ltd', gclid: 'gclid-1' }],
    ['json-nested-utm', { utm_source: 'google' }],
    ['json-tags', { tags: 'a, b' }],
    ['unbounce', { phone: '+14155550123', utm_source: 'google' }],
    ['manychat-full-contact', { company: 'Acme Ltd' }],
    ['hubspot-workflow', { phone: '+14155550123', company: 'Acme Ltd' }],
    ['zapier-form-flattened', { company: 'Acme Ltd', tags: 'a, b' }],
  ] as const)('%s has its fields', ([name, metadata]) => {
    const fixture = fixtures.find((other) => other.name === name)!
    expect(readGeneric(fixture.body).fields.metadata).toMatchObject(metadata)
  })
})

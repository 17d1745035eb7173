import { describe, expect, it } from 'vitest'
import { firstTouchOf, touchOf } from '../../src/contacts/attribution.ts'

const now = new Date('2026-03-16T12:00:00.000Z')
const nothing = {
  source: null,
  medium: null,
  campaign: null,
  term: null,
  content: null,
  clickIds: {},
  referrer: null,
  landingPage: null,
  capturedAt: '2026-03-16T12:00:00.000Z',
}

describe('the touch of a capture', () => {
  it.each([
    ['utm_source', 'source'],
    ['utm_medium', 'medium'],
    ['utm_campaign', 'campaign'],
    ['utm_term', 'term'],
    ['utm_content', 'content'],
    ['referrer', 'referrer'],
    ['landing_page', 'landingPage'],
  ])('takes %s alone for %s', (key, field) => {
    expect(touchOf({ [key]: 'x', plan: 'pro' }, now)).toEqual({ ...nothing, [field]: 'x' })
  })

  it.each(['gclid', 'gbraid', 'wbraid', 'fbclid', 'msclkid', 'ttclid', 'li_fat_id', 'twclid', 'dclid'])(
    'takes %s for a click id',
    (key) => {
      expect(touchOf({ [key]: 'abc' }, now)).toEqual({ ...nothing, clickIds: { [key]: 'abc' } })
    },
  )

  it('is none when nothing tells where the person came from', () => {
    expect(touchOf({}, now)).toBeNull()
    expect(touchOf({ plan: 'pro', page_url: 'https://example.com/', GCLID: 'abc' }, now)).toBeNull()
  })

  it('is none when what tells it is no text', () => {
    expect(touchOf({ utm_source: 7, gclid: true }, now)).toBeNull()
  })
})

describe('the first touch of a capture', () => {
  it.each([
    ['first_utm_source', { source: 'x' }],
    ['first_referrer', { referrer: 'x' }],
    ['first_landing_page', { landingPage: 'x' }],
    ['first_gclid', { clickIds: { gclid: 'x' } }],
  ])('is what %s tells, and nothing of the last', (key, touch) => {
    expect(firstTouchOf({ [key]: 'x', utm_source: 'news', fbclid: 'abc' }, now)).toEqual({ ...nothing, ...touch })
  })

  it('is the only touch when none began the visit', () => {
    expect(firstTouchOf({ utm_source: 'news' }, now)).toEqual({ ...nothing, source: 'news' })
    expect(firstTouchOf({ plan: 'pro' }, now)).toBeNull()
  })
})

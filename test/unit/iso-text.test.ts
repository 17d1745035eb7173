import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoText } from '../../src/platform/text/iso-text.ts'

describe('the text of a time', () => {
  it('is that of toISOString, for times of one day and of others', () => {
    const times = fc.array(fc.date({ noInvalidDate: true }), { minLength: 1 })
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 86_400_000 }), (dates, later) => {
        for (const date of dates.flatMap((each) => [each, new Date(Math.min(each.getTime() + later, 8.64e15))]))
          expect(isoText(date)).toBe(date.toISOString())
      }),
    )
  })

  it('does not exist for an invalid time', () => {
    expect(() => isoText(new Date(Number.NaN))).toThrow(RangeError)
  })
})

import { describe, expect, it } from 'vitest'
import { browserFamily } from '../../src/workspaces/sessions/browser-family.ts'

describe('the family of a browser', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36',
      'Chrome on Windows',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
      'Safari on iOS',
    ],
    ['', 'unknown'],
    [undefined, 'unknown'],
    ['<script>alert(1)</script>/1.0', 'unknown'],
    ['jane@example.com/1.0 (jane@example.com)', 'unknown'],
    [`Mozilla/5.0 ${'('.repeat(100_000)}`, 'unknown'],
  ])('of %j is %s', (userAgent, family) => {
    expect(browserFamily(userAgent)).toBe(family)
  })
})

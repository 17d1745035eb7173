import { describe, expect, it } from 'vitest'
import { formatTraceparent, parseTraceparent } from '../../src/platform/tracing/traceparent.ts'

const sent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

describe('a traceparent', () => {
  it('is read, and written as it was', () => {
    const read = parseTraceparent(sent)
    expect(read).toEqual({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      traceFlags: 1,
      isRemote: true,
    })
    expect(read && formatTraceparent(read)).toBe(sent)
  })

  it('keeps that it is not sampled, and no other flag', () => {
    for (const [flags, kept] of [
      ['00', '00'],
      ['02', '00'],
      ['ff', '01'],
    ]) {
      const read = parseTraceparent(sent.replace(/01$/, flags!))
      expect(read && formatTraceparent(read)).toBe(sent.replace(/01$/, kept!))
    }
  })

  it.each([
    ['missing', undefined],
    ['of another version', sent.replace(/^00/, 'ff')],
    ['in upper case', sent.toUpperCase()],
    ['of a trace of zeros', sent.replace(/-\w{32}-/, `-${'0'.repeat(32)}-`)],
    ['of a span of zeros', sent.replace(/-\w{16}-/, `-${'0'.repeat(16)}-`)],
    ['longer', `${sent}-what-a-later-version-adds`],
    ['sent twice', `${sent}, ${sent}`],
    ['sent as a list', [sent]],
  ])('that is %s is left out', (_, header) => {
    expect(parseTraceparent(header)).toBeUndefined()
  })
})

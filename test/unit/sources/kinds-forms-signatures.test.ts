import { describe, expect, it } from 'vitest'
import type { SourceKind } from '../../../src/generated/prisma/enums.ts'
import { kindOf } from '../../../src/sources/kinds/all-kinds.ts'
import type { Headers } from '../../../src/sources/payload.ts'
import { handedBytes } from '../../support/handed-payloads.ts'

const secret = 's3cret-key'
const now = new Date(1_773_662_400_000 + 60_000)

/** Signatures of the handed payloads by `openssl dgst -hmac s3cret-key`. */
const signed: readonly (readonly [SourceKind, string, Headers])[] = [
  ['TYPEFORM', 'typeform', { 'typeform-signature': 'sha256=CKCn+jDmED7DeJ6GkN4Wtc8aDs3V8TtL5jePof88++g=' }],
  ['TALLY', 'tally', { 'tally-signature': 'rsHcJKCcPYV+02zJQmv6tvP3sZ1ykFV87uEpNAd1NUg=' }],
  [
    'WEBFLOW',
    'webflow-v2',
    {
      'x-webflow-timestamp': '1773662400000',
      'x-webflow-signature': '11fef143020a5ff731db13e710977a899a18f62664f4c0b137f03d796923a62d',
    },
  ],
  [
    'FRAMER',
    'framer',
    {
      'framer-webhook-submission-id': 's1',
      'framer-signature': 'sha256=bcb418f795b04934da4136ef03c3af67b75e4c6d27076674ca0ecc3bcb025113',
    },
  ],
  [
    'NETLIFY',
    'netlify-forms',
    {
      'x-webhook-signature':
        'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJuZXRsaWZ5Iiwic2hhMjU2IjoiZjYxYzJhYWNjM2JlODlmZDY1M2Q0YWQ5MDIyMTEzM2FkNDg2M2UyYjUwMjc0NDY4MGYwZjNlYWViZjU4YmJiNiJ9.-o_hg3LUSWASy7hwu94BwMclgQMbKi2Vp-WU992apzE',
    },
  ],
]

describe.each(signed)('the signature of %s', (kind, name, headers) => {
  const verification = kindOf(kind)?.verification
  const request = { bytes: handedBytes(name), headers, body: undefined, now }

  it('is right for the body and the secret', () => {
    expect(verification?.verify(request, secret)).toBe(true)
  })

  it('is wrong for another secret and for another body', () => {
    expect(verification?.verify(request, 's3cret-kez')).toBe(false)
    const bytes = Buffer.concat([request.bytes, Buffer.from(' ')])
    expect(verification?.verify({ ...request, bytes }, secret)).toBe(false)
  })

  it('is wrong when a header is missing, empty or of another tool', () => {
    for (const header of Object.keys(headers)) {
      const { [header]: _, ...others } = headers
      expect(verification?.verify({ ...request, headers: others }, secret)).toBe(false)
      expect(verification?.verify({ ...request, headers: { ...headers, [header]: '' } }, secret)).toBe(false)
      expect(verification?.verify({ ...request, headers: { ...headers, [header]: 'sha256=00' } }, secret)).toBe(false)
    }
  })
})

it('refuses a request of Webflow that is more than 5 minutes old, or as far in the future', () => {
  const [, , headers] = signed[2]!
  const request = { bytes: handedBytes('webflow-v2'), headers, body: undefined }
  for (const minutes of [-6, 6]) {
    const later = new Date(1_773_662_400_000 + minutes * 60_000)
    expect(kindOf('WEBFLOW')?.verification?.verify({ ...request, now: later }, secret)).toBe(false)
  }
})

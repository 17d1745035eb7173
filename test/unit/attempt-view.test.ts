import { describe, expect, it } from 'vitest'
import type { Scope } from '../../src/generated/prisma/enums.ts'
import { attemptFor } from '../../src/graphql/types/delivery/attempt-view.ts'

const viewerWith = (...scopes: Scope[]) => ({
  workspaceId: 'ws_1',
  apiKeyId: 'key_1',
  scopes: new Set(scopes),
  expiresAt: null,
})
const failed = { durationMs: 7, responseStatus: null, responseBody: null, error: 'PROTOCOL' as const, inside: false }
const reader = viewerWith('WEBHOOKS_READ', 'PII_READ')

describe('11.22: the detail of an attempt', () => {
  it.each([
    [
      'HPE (Missing expected CR after response line); HTTP/1.1 200 OK',
      'HPE (Missing expected CR after response line); HTTP/1.1 200',
    ],
    ['HTTP/1.1 202 for jane@example.com', 'HTTP/1.1 202'],
    ['ECONNRESET; HTTP/1.1 2000 jane', 'ECONNRESET'],
    ['ECONNRESET; HTTP/2 jane@example.com', 'ECONNRESET'],
    ['HPE (Expected HTTP/, RTSP/ or ICE/)', 'HPE (Expected HTTP/, RTSP/ or ICE/)'],
    ['CERT_HAS_EXPIRED', 'CERT_HAS_EXPIRED'],
  ])('is whole for ADMIN, and without the words of the receiver for others: %s', (detail, safe) => {
    expect(attemptFor(viewerWith('ADMIN'), { ...failed, detail }).detail).toBe(detail)
    expect(attemptFor(reader, { ...failed, detail }).detail).toBe(safe)
  })
})

describe('11.5: an attempt at an address inside', () => {
  it.each(['DNS', 'CONNECT', 'TLS', 'TIMEOUT', 'BLOCKED_ADDRESS', 'REDIRECT', 'HTTP_STATUS', 'PROTOCOL'] as const)(
    'is CONNECT and nothing else for keys without ADMIN: %s',
    (error) => {
      const attempt = { durationMs: 7, responseStatus: 404, responseBody: 'no', error, detail: 'x', inside: true }
      expect(attemptFor(viewerWith('ADMIN'), attempt)).toMatchObject({ error, responseStatus: 404, detail: 'x' })
      const hidden = { durationMs: 0, responseStatus: null, responseBody: null, error: 'CONNECT', detail: null }
      expect(attemptFor(reader, attempt)).toEqual(hidden)
    },
  )
})

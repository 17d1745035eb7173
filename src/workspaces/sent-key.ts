import type { IncomingMessage } from 'node:http'
import { AppError } from '../platform/errors.ts'

/**
 * Returns the key that the headers of a request carry: `X-Api-Key`, or `Authorization: Bearer`. Undefined without one;
 * empty where a header is there and holds no key, which is a wrong key.
 * @throws AppError `unauthenticated` when there are two different keys
 */
export function sentKeyOf({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>): string | undefined {
  const bearers = (headersDistinct['authorization'] ?? []).map(bearerOf)
  return oneKeyOf([...(headersDistinct['x-api-key'] ?? []), ...bearers])
}

/** Returns the one key among these. @throws AppError `unauthenticated` when two of them differ */
export function oneKeyOf(keys: readonly (string | undefined)[]): string | undefined {
  const sent = new Set(keys.filter((key) => key !== undefined))
  const isEmpty = sent.delete('')
  if (sent.size > 1) throw unauthenticated()
  const [key] = sent
  return key ?? (isEmpty ? '' : undefined)
}

/**
 * Returns the token of `Bearer <token>`, with the spaces within it; empty when it has none. Undefined for any other
 * scheme: it is meant for something else, such as a proxy that asks for a password.
 */
export function bearerOf(authorization: string): string | undefined {
  const trimmed = authorization.trim()
  if (!/^bearer(?:\s|$)/i.test(trimmed)) return undefined
  return /^bearer +(\S.*)$/i.exec(trimmed)?.[1] ?? ''
}

export function unauthenticated(): AppError {
  return new AppError('unauthenticated', 'A valid API key is needed: X-Api-Key or Authorization: Bearer.')
}

import type { IncomingMessage } from 'node:http'
import { AppError } from '../platform/errors.ts'

/**
 * Returns the key in the headers of a request: `X-Api-Key` or `Authorization: Bearer`. Returns undefined without such a
 * header, and an empty text for a header without a key, which counts as a wrong key.
 * @throws AppError `unauthenticated` for two different keys
 */
export function sentKeyOf({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>): string | undefined {
  const bearers = (headersDistinct['authorization'] ?? []).map(bearerOf)
  return oneKeyOf([...(headersDistinct['x-api-key'] ?? []), ...bearers])
}

/** Returns the only key among these. @throws AppError `unauthenticated` when two of them differ */
export function oneKeyOf(keys: readonly (string | undefined)[]): string | undefined {
  const sent = new Set(keys.filter((key) => key !== undefined))
  const isEmpty = sent.delete('')
  if (sent.size > 1) throw unauthenticated()
  const [key] = sent
  return key ?? (isEmpty ? '' : undefined)
}

/**
 * Returns the token of `Bearer <token>`, including spaces within it; empty when it has none. Returns undefined for any
 * other scheme, which is meant for another program, such as a proxy with a password.
 */
export function bearerOf(authorization: string): string | undefined {
  const trimmed = authorization.trim()
  if (!/^bearer(?:\s|$)/i.test(trimmed)) return undefined
  return /^bearer +(\S.*)$/i.exec(trimmed)?.[1] ?? ''
}

export function unauthenticated(): AppError {
  return new AppError('unauthenticated', 'A valid API key is needed: X-Api-Key or Authorization: Bearer.')
}

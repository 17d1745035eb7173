import { randomBytes } from 'node:crypto'

/** Generates the token of a session or of a sign-in link: 256 random bits in 43 characters. */
export function generateToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Returns whether a text can be such a token, without a query. */
export function canBeToken(token: string): boolean {
  return /^[\w-]{43}$/.test(token)
}

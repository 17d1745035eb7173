import { createHash } from 'node:crypto'
import { randomBase62 } from '../platform/crypto/base62.ts'

/** 142 random bits. */
const randomLength = 24
const tokenPattern = /^in_[0-9A-Za-z]{22,64}$/

/** Generates the token of a source's URL: `in_` and 24 characters of base62. */
export function generateToken(): string {
  return `in_${randomBase62(randomLength)}`
}

/** Returns whether a text can be a token, without a query. */
export function canBeToken(text: string): boolean {
  return tokenPattern.test(text)
}

/** Returns the SHA-256 in hexadecimal, by which a token is looked up. It needs no salt: a token has enough random bits. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

import { randomBytes } from 'node:crypto'

/** Generates a secret in the Standard Webhooks form: `whsec_` and base64 of 32 random bytes. */
export function generateSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

/** Returns the last four characters, by which people recognize a secret. */
export function hintOf(secret: string): string {
  return [...secret].slice(-4).join('')
}

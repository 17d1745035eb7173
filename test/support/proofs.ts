import { type Challenge, solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'

/** What ALTCHA's widget would put into its form: the challenge, solved. It takes about a second. */
export async function solve({ parameters, signature }: Challenge): Promise<string> {
  const challenge = { parameters, ...(signature && { signature }) }
  return encodeProof({ challenge, solution: await solveChallenge({ challenge, deriveKey }) })
}

export function encodeProof(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64')
}

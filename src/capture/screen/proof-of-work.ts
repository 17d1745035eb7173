import { createHmac, type KeyObject, randomInt } from 'node:crypto'
import { type Challenge, createChallenge, type Payload, verifySolution } from 'altcha-lib'
import { deriveKey as deriveSolution } from 'altcha-lib/algorithms/pbkdf2'
import { z } from 'zod'
import type { EncryptionKey } from '../../config/encryption-keys.ts'
import { deriveKey } from '../../platform/crypto/derived-key.ts'

/** Solved challenge; the capture that uses it must make sure that it counts once. */
export interface Proof {
  readonly id: string
  /** Time after which it is rejected as expired. */
  readonly expiresAt: Date
}

export type ProofReading =
  | { readonly kind: 'missing' | 'expired' | 'invalid' }
  | { readonly kind: 'valid'; readonly proof: Proof }

/** Challenges of ALTCHA (https://altcha.org); a browser computes for about a second to solve one. */
export interface ProofsOfWork {
  /** Creates a challenge that is valid for one hour in this workspace only. */
  makeChallenge(workspaceId: string, now: Date): Promise<Challenge>
  /** @param solved value of ALTCHA's form field: base64 of JSON */
  readProof(solved: unknown, workspaceId: string): Promise<ProofReading>
}

const lifeMs = 3_600_000
/** One try costs a millisecond of one core; the solution needs between `minTries` and `maxTries`. */
const iterationsPerTry = 5000
const minTries = 500
const maxTries = 1500
/** Maximum length of a payload; a real one has 700 characters. */
const maxLength = 2048

const solvedChallenge = z.object({
  challenge: z.object({
    parameters: z.strictObject({
      algorithm: z.string(),
      cost: z.number(),
      expiresAt: z.number(),
      keyLength: z.number(),
      keyPrefix: z.string(),
      keySignature: z.string(),
      nonce: z.string(),
      salt: z.string(),
    }),
    signature: z.string(),
  }),
  solution: z.object({ counter: z.number(), derivedKey: z.string() }),
}) satisfies z.ZodType<Payload>

type SolvedChallenge = z.output<typeof solvedChallenge>

/**
 * Creates challenges: the first key of the ring signs and all verify, so that every node reads the challenges of the
 * others.
 */
export function createProofsOfWork(ring: readonly EncryptionKey[]): ProofsOfWork {
  const keys = ring.map((key) => deriveKey(key, 'rex/proof-of-work'))
  const [current] = keys
  if (current === undefined) throw new Error('At least one encryption key is needed.')
  return {
    makeChallenge: (workspaceId, now) =>
      createChallenge({
        algorithm: 'PBKDF2/SHA-256',
        cost: iterationsPerTry,
        counter: randomInt(minTries, maxTries),
        expiresAt: new Date(now.getTime() + lifeMs),
        deriveKey: deriveSolution,
        ...secretsOf(current, workspaceId),
      }),
    readProof: async (solved, workspaceId) => {
      if (solved === undefined || solved === null || solved === '') return { kind: 'missing' }
      const payload = parseSolved(solved)
      if (payload === undefined) return { kind: 'invalid' }
      for (const key of keys) {
        const reading = await verify(payload, secretsOf(key, workspaceId))
        if (reading.kind !== 'invalid') return reading
      }
      return { kind: 'invalid' }
    },
  }
}

interface Secrets {
  readonly hmacSignatureSecret: string
  readonly hmacKeySignatureSecret: string
}

/** Derives the secrets of a workspace: a solution for one workspace is invalid in another. */
function secretsOf(key: KeyObject, workspaceId: string): Secrets {
  const sign = (purpose: string) => createHmac('sha256', key).update(`${purpose} ${workspaceId}`).digest('hex')
  return { hmacSignatureSecret: sign('challenge'), hmacKeySignatureSecret: sign('solution') }
}

async function verify({ challenge, solution }: SolvedChallenge, secrets: Secrets): Promise<ProofReading> {
  const { verified, expired } = await verifySolution({ challenge, solution, deriveKey: deriveSolution, ...secrets })
  if (expired) return { kind: 'expired' }
  if (!verified) return { kind: 'invalid' }
  const expiresAt = new Date(challenge.parameters.expiresAt * 1000)
  return { kind: 'valid', proof: { id: challenge.signature, expiresAt } }
}

function parseSolved(solved: unknown): SolvedChallenge | undefined {
  if (typeof solved !== 'string' || solved.length > maxLength) return undefined
  try {
    return solvedChallenge.safeParse(JSON.parse(Buffer.from(solved, 'base64').toString())).data
  } catch {
    return undefined // Not JSON.
  }
}

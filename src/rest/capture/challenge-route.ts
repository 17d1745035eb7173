import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CaptureLimits } from '../../capture/rate-limits.ts'
import type { ProofsOfWork } from '../../capture/screen/proof-of-work.ts'
import { withTimeout } from '../../platform/timeout.ts'
import { identityOf } from '../../server/request/caller.ts'
import type { CheckKeylessRate } from '../../server/request/keyless-rate-limit.ts'
import { addOpenPath, checkOrigin } from '../../server/response/cors.ts'
import type { Identify } from '../../workspaces/identify.ts'
import { type Script, sendScript } from '../pages/script-response.ts'

const challengePath = '/capture/challenge'
const widgetPath = '/altcha.js'
const widgetCacheControl = 'public, max-age=86400'

interface ProofParts {
  readonly identify: Identify
  readonly baseDomain: string | undefined
  readonly captureLimits: CaptureLimits
  readonly makeChallenge: ProofsOfWork['makeChallenge']
  readonly checkKeylessRate: CheckKeylessRate
}

/** Adds the parts of a proof of work: ALTCHA's widget, and the challenges that it solves. */
export function addProofOfWork(app: FastifyInstance, parts: ProofParts): void {
  addOpenPath(app, { ...parts, path: challengePath, method: 'GET' })
  app.get(challengePath, async (request, reply) => withTimeout(challengeFor(request, reply, parts)))
  let widget: Script | undefined
  app.get(widgetPath, async (request, reply) => {
    widget ??= readWidget()
    return sendScript(request, reply, widget, parts.checkKeylessRate)
  })
}

/** Returns a challenge in the form of ALTCHA's widget, not under `data`. Its `configuration` makes the proof a control field of the form. */
async function challengeFor(request: FastifyRequest, reply: FastifyReply, parts: ProofParts) {
  const { workspace, viewer } = await identityOf(request, parts.identify)
  checkOrigin(request, reply, workspace)
  await parts.captureLimits.consumeChallenge({ workspace, viewer, network: request.requestOrigin.network })
  const challenge = await parts.makeChallenge(workspace.id, new Date())
  return { ...challenge, configuration: { name: '_altcha', humanInteractionSignature: false } }
}

function readWidget(): Script {
  const plain = readFileSync(new URL('altcha.min.js', import.meta.resolve('altcha')))
  const gzipped = gzipSync(plain, { level: 9 })
  return {
    etag: `"${createHash('sha256').update(plain).digest('base64url')}"`,
    cacheControl: widgetCacheControl,
    plain: () => plain,
    gzipped: () => gzipped,
  }
}

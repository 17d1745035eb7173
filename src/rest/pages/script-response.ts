import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CheckKeylessRate } from '../../server/request/keyless-rate-limit.ts'
import { type Cached, sendCached } from '../../server/response/cached-response.ts'

export const scriptType = 'text/javascript; charset=utf-8'

/** A script that pages of any origin may load, whatever their policies on what comes from elsewhere. */
export type Script = Omit<Cached, 'type'>

export function sendScript(
  request: FastifyRequest,
  reply: FastifyReply,
  script: Script,
  admit: CheckKeylessRate,
): Promise<FastifyReply> {
  reply.headers({ 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' })
  return sendCached(request, reply, { ...script, type: scriptType }, admit)
}

import type { FastifyReply } from 'fastify'

/** Adds a header of the request to those that the response depends on. */
export function addVary(reply: FastifyReply, name: string): void {
  const { vary } = reply.getHeaders()
  reply.header('vary', vary === undefined ? name : `${vary}, ${name}`)
}

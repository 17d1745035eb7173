import type { Server } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'
import { createAddressSemaphore } from '../platform/limits/address-rate-limit.ts'
import { networkOf } from '../platform/limits/client-network.ts'

const minPerAddress = 4096

/** Returns the connections that an address may open: its WebSockets, and as many again for what is not one. */
export function connectionsFor(socketLimit: number): number {
  return Math.max(minPerAddress, 2 * socketLimit)
}

/** Cuts what one address opens beyond so many connections; proxies speak for many, and this machine for itself. */
export function limitConnections(server: Server, exempt: readonly string[], max: number): void {
  const isExempt = exempt.length > 0 ? proxyAddr.compile([...exempt]) : () => false
  const connections = createAddressSemaphore(max)
  server.on('connection', (socket) => {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || isExempt(remoteAddress, 0)) return
    const leave = connections.acquire(networkOf(remoteAddress))
    if (leave === undefined) socket.destroy()
    else socket.once('close', leave)
  })
}

import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'
import { networkOf } from '../platform/client-network.ts'
import { AppError } from '../platform/errors.ts'

/** How a caller reached this server, as the request says it, or the trusted proxy that brought it. */
export interface RequestOrigin {
  /** Who counts as one caller: see `networkOf`. */
  readonly network: string
  /** The host that was asked for, with its port if it has one. */
  readonly host: string
  readonly protocol: 'http' | 'https'
}

/** @throws AppError `bad_host` */
export type ResolveOrigin = (request: IncomingMessage) => RequestOrigin

/** Believes X-Forwarded-* from these proxies alone; of the addresses the last that is none of them, else the last. */
export function createOriginResolver(trustedProxies: readonly string[]): ResolveOrigin {
  const trusts = trustedProxies.length > 0 ? proxyAddr.compile([...trustedProxies]) : () => false
  return (request) => {
    const { socket, headers } = request
    const forwarded = (name: string) => (trusts(socket.remoteAddress ?? '', 0) ? lastOf(headers[name]) : undefined)
    const isTls = 'encrypted' in socket && socket.encrypted === true
    const host = forwarded('x-forwarded-host') ?? headers.host ?? ''
    checkHost(host)
    return {
      network: networkOf(proxyAddr(request, trusts)),
      host,
      protocol: (forwarded('x-forwarded-proto') ?? (isTls ? 'https' : 'http')) === 'https' ? 'https' : 'http',
    }
  }
}

function lastOf(header: string | string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header).split(',').at(-1)?.trim()
}

/** A name without empty labels, or an address; a port may be empty (RFC 3986). */
const hostPattern = /^(?!\.|[^:]*\.\.)(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{0,5})?$/

/** @throws AppError `bad_host` */
export function checkHost(host: string): void {
  if (!hostPattern.test(host)) throw badHost()
}

export function badHost(): AppError {
  return new AppError('bad_host', 'One Host header with a host name, and a path as the target, are expected.')
}

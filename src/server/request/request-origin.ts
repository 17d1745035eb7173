import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'
import type { FastifyInstance } from 'fastify'
import { networkOf } from '../../platform/limits/client-network.ts'
import { checkHost } from './host.ts'

/** Address, host and protocol of a request, as the request names them or the trusted proxy that brought it. */
export interface RequestOrigin {
  /** The network that counts as one caller: see `networkOf`. */
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

declare module 'fastify' {
  interface FastifyRequest {
    /** @throws AppError `bad_host` */
    readonly requestOrigin: RequestOrigin
  }
}

/** Gives every request of the server its origin: the same for REST, GraphQL over HTTP and WebSockets. */
export function decorateOrigin(app: FastifyInstance, resolveOrigin: ResolveOrigin): void {
  app.decorateRequest('requestOrigin', {
    getter() {
      return resolveOrigin(this.raw)
    },
  })
}

/** Returns the URL with which links of this server begin, as this caller reaches it. */
export function baseUrlOf({ protocol, host }: RequestOrigin, publicUrl: string | undefined): string {
  return publicUrl ?? `${protocol}://${host}`
}

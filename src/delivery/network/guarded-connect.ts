import { lookup, Resolver } from 'node:dns/promises'
import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { buildConnector } from 'undici'
import { type AddressGuard, canonicalHost, isLocalhost } from './address-guard.ts'
import { isNotPublic } from './public-address.ts'

/** The reason why no connection was opened, as an attempt reports it. */
export class ConnectionError extends Error {
  readonly attemptError: 'DNS' | 'CONNECT' | 'TLS' | 'BLOCKED_ADDRESS'

  constructor(attemptError: ConnectionError['attemptError'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'ConnectionError'
    this.attemptError = attemptError
  }
}

/** All addresses of the host are refused by the guard. */
class BlockedAddressError extends ConnectionError {
  constructor() {
    super('BLOCKED_ADDRESS', 'Expected an address that webhooks are allowed to reach.')
    this.name = 'BlockedAddressError'
  }
}

class ConnectTimeoutError extends Error {
  readonly code = 'ETIMEDOUT'

  constructor() {
    super('Expected a connection before the timeout.')
    this.name = 'ConnectTimeoutError'
  }
}

export interface GuardedConnectorOptions {
  readonly guard: AddressGuard
  /** Timeout of the TCP and TLS handshakes together; name resolution has its own timeouts. */
  readonly connectTimeoutMs: number
  /** `address:port` of the name servers; the machine's own if undefined. */
  readonly nameServers?: readonly string[] | undefined
}

/** Opens a connection; calls `onResolved` with whether an address that it tries, or would try, is not public. */
export type GuardedConnect = (target: buildConnector.Options, onResolved: (inside: boolean) => void) => Promise<Socket>

/**
 * Creates a connector for undici that resolves the name itself, checks every address, and connects only to those.
 * A check in `lookup` alone is not enough: Node never calls it for an address literal.
 */
export function createGuardedConnect(options: GuardedConnectorOptions): GuardedConnect {
  const { guard } = options
  const resolve = createResolve(options)
  const secure = buildConnector({ allowH2: false, timeout: 0 })

  return async (target, onResolved) => {
    const { hostname } = target
    // A name that the operator has listed counts as not public, even if it has no address now.
    onResolved(guard.trustsHost(hostname))
    const found = await resolve(hostname)
    if (found.length === 0) throw new ConnectionError('DNS', 'Expected the host name to have an address.')
    const addresses = found.filter((address) => guard.permitsAddress(address, hostname))
    onResolved(addresses.length === 0 || addresses.some(isNotPublic))
    if (addresses.length === 0) throw new BlockedAddressError()
    const socket = openSocket(target, addresses)
    const timer = setTimeout(() => socket.destroy(new ConnectTimeoutError()), options.connectTimeoutMs)
    try {
      await connected(socket)
      return target.protocol === 'https:' ? await handshake(secure, { ...target, httpSocket: socket }) : socket
    } finally {
      clearTimeout(timer)
    }
  }
}

type Resolve = (hostname: string) => Promise<readonly string[]>

function createResolve({ guard, nameServers }: GuardedConnectorOptions): Resolve {
  // c-ares, not getaddrinfo: its look-ups occupy no thread, so slow ones do not delay others.
  const resolver = new Resolver({ timeout: 1500, tries: 2, maxTimeout: 3000 })
  if (nameServers) resolver.setServers(nameServers)

  return async (hostname) => {
    if (isIP(hostname)) return [hostname]
    if (isLocalhost(hostname)) return ['127.0.0.1', '::1']
    return guard.trustsHost(hostname) ? lookUpOnMachine(hostname) : lookUpInDns(resolver, canonicalHost(hostname))
  }
}

/** Resolves names that the operator has listed, such as a container's or one in /etc/hosts, which DNS may not know. */
async function lookUpOnMachine(hostname: string): Promise<readonly string[]> {
  try {
    const answers = await lookup(hostname, { all: true })
    return answers.map((answer) => answer.address)
  } catch (cause) {
    throw new ConnectionError('DNS', 'Expected the host name to be known to this machine.', cause)
  }
}

async function lookUpInDns(resolver: Resolver, hostname: string): Promise<readonly string[]> {
  // One family may be missing; the caller reports an error if both are.
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}

function openSocket(target: buildConnector.Options, addresses: readonly string[]): Socket {
  return connect({
    host: target.hostname,
    port: Number(target.port || (target.protocol === 'https:' ? 443 : 80)),
    lookup: fixedLookup(addresses),
    autoSelectFamily: true,
    // Node's default of 250 ms would abandon addresses that are only far away.
    autoSelectFamilyAttemptTimeout: 1000,
    noDelay: true,
    keepAlive: true,
  })
}

/** Returns a lookup with the checked addresses: a second DNS query could return others. */
function fixedLookup(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, _options, callback) => callback(null, answers)
}

function connected(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.once('connect', () => resolve())
  // The listener stays attached, so that an error before undici adds its own does not end the process.
  socket.on('error', (cause) => reject(new ConnectionError('CONNECT', 'Expected a connection.', cause)))
  return promise
}

function handshake(secure: buildConnector.connector, target: buildConnector.Options): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  secure(target, (cause, socket) => {
    if (socket) resolve(socket)
    else reject(new ConnectionError('TLS', 'Expected a TLS handshake.', cause))
  })
  return promise
}

import { lookup, Resolver } from 'node:dns/promises'
import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { buildConnector } from 'undici'
import { type AddressGuard, canonicalHost, isLocalhost } from './address-guard.ts'
import { isInside } from './public-address.ts'

/** Why no connection came about, as an attempt reports it. */
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
    super('BLOCKED_ADDRESS', 'Expected an address that webhooks may reach.')
    this.name = 'BlockedAddressError'
  }
}

class ConnectTimeoutError extends Error {
  readonly code = 'ETIMEDOUT'

  constructor() {
    super('Expected a connection in time.')
    this.name = 'ConnectTimeoutError'
  }
}

export interface GuardedConnectorOptions {
  readonly guard: AddressGuard
  /** Limit of the TCP and TLS handshakes together; name resolution has limits of its own. */
  readonly connectTimeoutMs: number
  /** `address:port` of the name servers; those of the machine when left out. */
  readonly nameServers?: readonly string[] | undefined
}

/** Opens a connection; `onReach` hears whether an address that is tried, or would be, is not public. */
export type GuardedConnect = (target: buildConnector.Options, onReach: (inside: boolean) => void) => Promise<Socket>

/**
 * undici's way to a connection: resolves the name itself, judges every address, and connects to nothing else.
 * Judging in `lookup` alone would not do: it is never called for an address literal.
 */
export function createGuardedConnect(options: GuardedConnectorOptions): GuardedConnect {
  const { guard } = options
  const resolve = createResolve(options)
  const secure = buildConnector({ allowH2: false, timeout: 0 })

  return async (target, onReach) => {
    const { hostname } = target
    // A name that the operator has listed is one of the inside, whether or not it has an address today.
    onReach(guard.trustsHost(hostname))
    const found = await resolve(hostname)
    if (found.length === 0) throw new ConnectionError('DNS', 'Expected the host name to have an address.')
    const addresses = found.filter((address) => guard.permitsAddress(address, hostname))
    onReach(addresses.length === 0 || addresses.some(isInside))
    if (addresses.length === 0) throw new BlockedAddressError()
    const socket = openSocket(target, addresses)
    const timer = setTimeout(() => socket.destroy(new ConnectTimeoutError()), options.connectTimeoutMs)
    try {
      await connected(socket)
      return target.protocol === 'https:' ? await shakeHands(secure, { ...target, httpSocket: socket }) : socket
    } finally {
      clearTimeout(timer)
    }
  }
}

type Resolve = (hostname: string) => Promise<readonly string[]>

function createResolve({ guard, nameServers }: GuardedConnectorOptions): Resolve {
  // c-ares, not getaddrinfo: its look-ups occupy no thread, so stuck ones delay nobody.
  const resolver = new Resolver({ timeout: 1500, tries: 2, maxTimeout: 3000 })
  if (nameServers) resolver.setServers(nameServers)

  return async (hostname) => {
    if (isIP(hostname)) return [hostname]
    if (isLocalhost(hostname)) return ['127.0.0.1', '::1']
    return guard.trustsHost(hostname) ? lookUpOnMachine(hostname) : lookUpInDns(resolver, canonicalHost(hostname))
  }
}

/** For names that the operator has listed: a container's or one of /etc/hosts, which DNS may not know. */
async function lookUpOnMachine(hostname: string): Promise<readonly string[]> {
  try {
    const answers = await lookup(hostname, { all: true })
    return answers.map((answer) => answer.address)
  } catch (cause) {
    throw new ConnectionError('DNS', 'Expected the host name to be known to this machine.', cause)
  }
}

async function lookUpInDns(resolver: Resolver, hostname: string): Promise<readonly string[]> {
  // Either family may be missing; that both are is for the caller to see.
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}

function openSocket(target: buildConnector.Options, addresses: readonly string[]): Socket {
  return connect({
    host: target.hostname,
    port: Number(target.port || (target.protocol === 'https:' ? 443 : 80)),
    lookup: answering(addresses),
    autoSelectFamily: true,
    // Node's 250 ms would give up on addresses that are merely far away.
    autoSelectFamilyAttemptTimeout: 1000,
    noDelay: true,
    keepAlive: true,
  })
}

/** The resolved addresses stand in for another look-up, which might answer differently from the one that was judged. */
function answering(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, _options, callback) => callback(null, answers)
}

function connected(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.once('connect', () => resolve())
  // Stays attached, so that an error before undici listens does not end the process.
  socket.on('error', (cause) => reject(new ConnectionError('CONNECT', 'Expected a connection.', cause)))
  return promise
}

function shakeHands(secure: buildConnector.connector, target: buildConnector.Options): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  secure(target, (cause, socket) => {
    if (socket) resolve(socket)
    else reject(new ConnectionError('TLS', 'Expected a TLS handshake.', cause))
  })
  return promise
}

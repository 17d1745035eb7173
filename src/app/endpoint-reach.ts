import type { Config } from '../config/config.ts'
import type { EncryptionKey } from '../config/encryption-keys.ts'
import { webhookReachOf } from '../config/webhook-reach.ts'
import { type Database, statement } from '../database/database.ts'
import { createAddressGuard } from '../delivery/network/address-guard.ts'
import { ConnectionError, createGuardedConnect } from '../delivery/network/guarded-connect.ts'
import { createSecretBox } from '../platform/crypto/secret-box.ts'

/** Result of connecting to a webhook endpoint; nothing is sent. */
export interface EndpointReach {
  readonly id: string
  readonly host: string
  /** Reason for which no connection was opened; undefined: it was. */
  readonly problem: 'DNS' | 'CONNECT' | 'TLS' | 'BLOCKED_ADDRESS' | undefined
  /** Whether a key decrypts its secret. */
  readonly opensSecret: boolean
}

const connectTimeoutMs = 3000
const maxEndpoints = 100

/** Connects to the enabled endpoints, with the same guard of addresses as deliveries, and closes at once. */
export async function reachEndpoints(config: Config, database: Database, keys: readonly EncryptionKey[]) {
  const guard = createAddressGuard(webhookReachOf(config))
  const connect = createGuardedConnect({ guard, connectTimeoutMs })
  const box = keys.length === 0 ? undefined : createSecretBox(keys)
  const endpoints = await database.query<EndpointRow>(selectEndpoints, [maxEndpoints])
  return Promise.all(
    endpoints.map(async ({ workspace_id: workspaceId, id, url, secret }): Promise<EndpointReach> => {
      const { hostname, port, protocol, host } = new URL(url)
      const problem = await connect({ hostname, port, protocol, host }, () => {}).then(
        (socket) => void socket.destroy(),
        (error: unknown) => (error instanceof ConnectionError ? error.attemptError : 'CONNECT'),
      )
      return {
        id,
        host,
        problem: problem ?? undefined,
        opensSecret: opens(() => box?.open(secret, { workspaceId, id })),
      }
    }),
  )
}

function opens(open: () => string | undefined): boolean {
  try {
    return open() !== undefined
  } catch {
    return false
  }
}

interface EndpointRow {
  workspace_id: string
  id: string
  url: string
  secret: string
}

// Index: webhook_endpoint_pkey.
const selectEndpoints = statement(
  'select_endpoints_to_reach',
  `select workspace_id, id, url, secret
   from webhook_endpoint
   where status = 'ENABLED'
   order by workspace_id, id
   limit $1`,
)

import { Webhook } from 'standardwebhooks'
import { type Database, statement } from '../../database/database.ts'
import type { SecretBox } from '../../platform/crypto/secret-box.ts'
import type { EndpointKey } from '../../webhooks/endpoint-deliveries.ts'

/** Path of the receiver; a sealed token follows. */
export const testReceiverPath = '/-/test-receiver'

/** Request that arrived at the receiver. */
interface ReceivedRequest {
  readonly token: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Owner of the sealed paths: no secret of an endpoint can be passed off as one. */
const owner = { workspaceId: '', id: 'test-receiver', use: 'path' }
/** Longer than an attempt may take. */
const validMs = 120_000

/**
 * Receiver of test leads, in this server: it verifies signatures as any receiver does, with a library of others and the
 * stored secret. The path names its endpoint under the encryption keys, so that nobody else can make one, and each
 * process of a node can receive what another has sent.
 */
export interface TestReceiver {
  /** Address at which this process listens, such as `http://127.0.0.1:4000`; undefined before it listens. */
  address: URL | undefined
  /** Returns a path for a request to an endpoint, which is valid for two minutes. */
  pathTo(endpoint: EndpointKey): string
  /** Returns whether the signature is right; undefined for a path that is not valid. */
  receive(request: ReceivedRequest): Promise<boolean | undefined>
}

export function createTestReceiver(database: Database, secretBox: SecretBox): TestReceiver {
  return {
    address: undefined,
    pathTo: ({ workspaceId, endpointId }) => {
      const sealed = secretBox.seal([workspaceId, endpointId, Date.now() + validMs].join(' '), owner)
      return `${testReceiverPath}/${Buffer.from(sealed).toString('base64url')}`
    },
    receive: async ({ token, headers, body }) => {
      const endpoint = endpointOf(token, secretBox)
      if (endpoint === undefined) return undefined
      const { workspaceId, endpointId: id } = endpoint
      const [row] = await database.query<{ secret: string }>(selectSecret, [workspaceId, id])
      return row !== undefined && isVerified(secretBox.open(row.secret, { workspaceId, id }), { headers, body })
    },
  }
}

/** Returns the endpoint that a path names; undefined for one that was changed, is too old, or is not ours. */
function endpointOf(token: string, secretBox: SecretBox): EndpointKey | undefined {
  try {
    const sealed = Buffer.from(token, 'base64url').toString()
    const [workspaceId = '', endpointId = '', validUntil] = secretBox.open(sealed, owner).split(' ')
    return Number(validUntil) > Date.now() ? { workspaceId, endpointId } : undefined
  } catch {
    // A text that does not decrypt is no path of this server.
    return undefined
  }
}

function isVerified(secret: string, { headers, body }: Pick<ReceivedRequest, 'headers' | 'body'>): boolean {
  try {
    new Webhook(secret).verify(body, headers)
    return true
  } catch {
    return false
  }
}

// Index: webhook_endpoint_pkey.
const selectSecret = statement(
  'select_secret_of_test_receiver',
  `select secret
   from webhook_endpoint
   where workspace_id = $1
     and id = $2`,
)

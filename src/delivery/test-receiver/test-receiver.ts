import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { type Database, statement } from '../../database/database.ts'
import type { SecretBox } from '../../platform/crypto/secret-box.ts'
import type { EndpointKey } from '../../webhooks/endpoint-deliveries.ts'

/** Path of the receiver; a one-time token follows. */
export const testReceiverPath = '/-/test-receiver'

/** Request that arrived at the receiver. */
interface ReceivedRequest {
  readonly token: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Receiver of test leads, in the process that sends them: it verifies signatures as any receiver does, with a library of
 * others and the stored secret. Each attempt has a path of its own, so that nobody else can reach it.
 */
export interface TestReceiver {
  /** Address at which this process listens, such as `http://127.0.0.1:4000`; undefined before it listens. */
  address: URL | undefined
  /** Opens a path for one request to an endpoint; `close` ends it. */
  open(endpoint: EndpointKey): { readonly path: string; close(): void }
  /** Returns whether the signature is right; undefined for a path that is not open. */
  receive(request: ReceivedRequest): Promise<boolean | undefined>
}

export function createTestReceiver(database: Database, secretBox: SecretBox): TestReceiver {
  const expected = new Map<string, EndpointKey>()
  return {
    address: undefined,
    open: (endpoint) => {
      const token = randomBytes(32).toString('base64url')
      expected.set(token, endpoint)
      return { path: `${testReceiverPath}/${token}`, close: () => void expected.delete(token) }
    },
    receive: async ({ token, headers, body }) => {
      const endpoint = expected.get(token)
      expected.delete(token)
      if (endpoint === undefined) return undefined
      const { workspaceId, endpointId: id } = endpoint
      const [row] = await database.query<{ secret: string }>(selectSecret, [workspaceId, id])
      return row !== undefined && isVerified(secretBox.open(row.secret, { workspaceId, id }), { headers, body })
    },
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

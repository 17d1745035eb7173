import { type EndpointReach, reachEndpoints } from '../../../app/endpoint-reach.ts'
import type { Config } from '../../../config/config.ts'
import type { Database } from '../../../database/database.ts'
import { existingKeys, keyPlace } from '../keys.ts'
import { type Check, fail, ok, warn } from './check.ts'

const meanings: Readonly<Record<NonNullable<EndpointReach['problem']>, readonly [detail: string, fix: string]>> = {
  DNS: ['its name has no address', 'Correct the URL, or the DNS of this machine.'],
  CONNECT: ['no connection', 'Start the receiver, or open the firewall.'],
  TLS: ['no TLS handshake', 'Renew or complete the certificate of the receiver.'],
  BLOCKED_ADDRESS: [
    'its address is not public, so webhooks may not reach it',
    'List it in REX_WEBHOOK_ALLOW when it is yours.',
  ],
}

/** Connects to the enabled webhook endpoints, and checks that their secrets can be decrypted. */
export async function checkEndpoints(config: Config, database: Database): Promise<Check[]> {
  const reached = await reachEndpoints(config, database, existingKeys(config))
  if (reached.length === 0) return [ok('webhooks', 'there is no enabled endpoint')]
  return [checkSecrets(config, reached), ...reached.map(checkReach)]
}

function checkSecrets(config: Config, reached: readonly EndpointReach[]): Check {
  const closed = reached.filter(({ opensSecret }) => !opensSecret)
  if (closed.length === 0) return ok('webhook secrets', `${reached.length} can be decrypted`)
  return fail(
    'webhook secrets',
    `${closed.length} of ${reached.length} cannot be decrypted`,
    `Add the key that encrypted them to ${keyPlace(config)}.`,
  )
}

function checkReach({ id, host, problem }: EndpointReach): Check {
  const name = `webhook ${id}`
  if (problem === undefined) return ok(name, `${host} accepts connections`)
  const [detail, fix] = meanings[problem]
  return warn(name, `${host}: ${detail}`, fix)
}

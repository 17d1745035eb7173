import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../../../config/config.ts'
import { describeReach } from '../../../config/webhook-reach.ts'
import { createLog } from '../../../platform/log.ts'
import { connectRedis } from '../../../platform/redis.ts'
import { existingKeys, keyPlace } from '../keys.ts'
import { sizeOf } from '../transfer/copy-progress.ts'
import { type Check, fail, ok, warn } from './check.ts'

const leastFreeBytes = 1_000_000_000
const othersMask = 0o077

/** Checks what needs no database: Node, the data folder, keys, disk, Redis and the addresses of the service. */
export async function checkMachine(config: Config): Promise<Check[]> {
  return [
    ok('node', `Node ${process.versions.node} on ${process.platform}`),
    checkDisk(config),
    checkDataFolder(config),
    checkKeys(config),
    checkAddresses(config),
    ok('webhook reach', describeReach(config)),
    await checkRedis(config),
  ]
}

function checkDisk({ dataDir }: Config): Check {
  const { bavail, bsize } = statfsSync(existingParent(resolve(dataDir)))
  const free = bavail * bsize
  const detail = `${sizeOf(free)} free for ${dataDir}`
  return free > leastFreeBytes
    ? ok('disk', detail)
    : warn('disk', detail, 'Free some space: PostgreSQL stops when it is full.')
}

function existingParent(path: string): string {
  return existsSync(path) ? path : existingParent(dirname(path))
}

function checkDataFolder({ dataDir }: Config): Check {
  const name = 'data folder'
  if (!existsSync(dataDir)) return ok(name, `${dataDir} does not exist yet; the first start creates it`)
  const secrets = readdirSync(dataDir).filter((file) => /^(?:api-key|encryption-keys)$/.test(file))
  const open = ['.', ...secrets].filter((file) => (statSync(join(dataDir, file)).mode & othersMask) !== 0)
  if (open.length === 0) return ok(name, `only its owner can read ${dataDir}`)
  const paths = open.map((file) => join(dataDir, file)).join(' ')
  return warn(name, `others can read ${paths}`, `Run: chmod go-rwx ${paths}`)
}

function checkKeys(config: Config): Check {
  const keys = existingKeys(config)
  if (keys.length > 0) return ok('encryption keys', `${keys.map(({ id }) => id).join(', ')} (${keyPlace(config)})`)
  return ok('encryption keys', 'none yet; the first start creates one in the data folder')
}

function checkAddresses({ host, port, publicUrl, trustedProxies, isProduction }: Config): Check {
  const name = 'addresses'
  const detail = `listens on ${host}:${port}, public URL ${publicUrl ?? 'from the request'}, trusts ${trustedProxies.join(', ') || 'no proxy'}`
  if (publicUrl !== undefined && !publicUrl.startsWith('https:') && isProduction)
    return warn(name, detail, 'Set REX_PUBLIC_URL to an https:// address.')
  if (publicUrl !== undefined && trustedProxies.length === 0)
    return warn(
      name,
      detail,
      'A proxy seems to be in front: set REX_TRUSTED_PROXIES to its address, or all callers share one rate limit.',
    )
  if (publicUrl === undefined && trustedProxies.length > 0)
    return warn(name, detail, 'Set REX_PUBLIC_URL, so that links do not depend on the headers of a proxy.')
  return ok(name, detail)
}

async function checkRedis({ redisUrl }: Config): Promise<Check> {
  const name = 'redis'
  if (redisUrl === undefined) return ok(name, 'not used (REDIS_URL is not set)')
  const redis = await connectRedis(redisUrl, createLog('silent'))
  try {
    await redis.run((client) => client.ping())
    return ok(name, 'responds')
  } catch {
    return fail(name, 'does not respond', 'Check REDIS_URL. Without Redis each process counts rates for itself.')
  } finally {
    redis.close()
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

/** Returns whether the packages of `bench/peers` are installed, and prints how to install them if not. */
export function hasPeers(): boolean {
  const areInstalled = existsSync(join(import.meta.dirname, 'peers', 'node_modules'))
  if (!areInstalled) console.log('Without the libraries: `npm ci --prefix bench/peers` installs them.')
  return areInstalled
}

/** Starts a Redis without persistence, as fast as it gets. */
export async function startRedis(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const port = await freePort()
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept')) break
  child.stdout.resume()
  return {
    port,
    stop: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')
  return address.port
}

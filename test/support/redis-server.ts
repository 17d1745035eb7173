import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import { eventually } from './eventually.ts'

/** A Redis of a test's own, to be stopped, silenced and started again on its port. */
export interface RedisServer {
  readonly url: string
  /** It is there and says nothing: what a cut line looks like. */
  silence(): void
  speak(): void
  kill(): Promise<void>
  start(): Promise<void>
}

export const hasRedisServer = spawnSync('redis-server', ['--version']).status === 0

export async function startRedisServer(): Promise<RedisServer> {
  const port = await freePort()
  let child: ChildProcess | undefined
  const start = async () => {
    const parameters = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      '/tmp',
    ]
    child = spawn('redis-server', parameters, { stdio: 'ignore' })
    await eventually(
      () => answers(port),
      () => `no Redis on port ${port}`,
    )
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    silence: () => void child?.kill('SIGSTOP'),
    speak: () => void child?.kill('SIGCONT'),
    kill: async () => {
      if (child === undefined) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      child = undefined
      await exited
    },
    start,
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('A server without a port is none.')
  return address.port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.end('PING\r\n')
      socket.once('data', () => resolve(true))
    })
  })
}

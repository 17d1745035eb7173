import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startEmbeddedServer } from '../../src/database/embedded/embedded-server.ts'
import { createLog } from '../../src/platform/log.ts'
import { makeTemplateDatabase } from './template-database.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A server on which the run may create and drop databases. */
    serverUrl: string
    /** A migrated database of that server to copy. */
    templateDatabase: string
    /** Clause of `create database` that copies with the least CPU. */
    copyStrategy: string
  }
}

/** A server that the tests of one project use. */
interface TestServer {
  readonly url: string
  stop(): Promise<void>
}

/** Decides which server the tests of a project use, says so, and hands it to them through `inject`. */
export async function setup({ name, provide }: TestProject): Promise<() => Promise<void>> {
  bundlePrograms()
  const server = name === 'other-server' ? otherServer() : await startServer()
  const version = await versionOf(server.url)
  console.log(`The project ${name} uses PostgreSQL ${version}`)
  const template = await makeTemplateDatabase(server.url)
  provide('serverUrl', server.url)
  provide('templateDatabase', template.name)
  // From 15 on, PostgreSQL writes each page of the copy to its log otherwise, which takes seven times the CPU.
  provide('copyStrategy', Number.parseInt(version, 10) >= 15 ? 'strategy file_copy' : '')
  return async () => {
    await template.remove()
    await server.stop()
  }
}

/** Bundles the programs if a file has changed: the tests start them some hundred times. */
function bundlePrograms(): void {
  const script = fileURLToPath(new URL('../../packaging/bundle.ts', import.meta.url))
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', script], { stdio: 'inherit' })
}

/** The embedded server, as Rex starts it. It listens on a port, too: tests put proxies before it. */
async function startServer(): Promise<TestServer> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'rex-server-'))
  const port = await freePort()
  // The files live as long as the run: nothing has to survive a power cut.
  const settings = { listen_addresses: '127.0.0.1', port: String(port), max_connections: '500', fsync: 'off' }
  const server = await startEmbeddedServer({ dataFolder, log: createLog('warn'), settings })
  return {
    url: `postgresql://rex@127.0.0.1:${port}/rex`,
    stop: async () => {
      await server.stop()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** vitest.config.ts has this project only where the variable is set. */
function otherServer(): TestServer {
  const { TEST_DATABASE_URL: url } = process.env
  if (!url) throw new Error('TEST_DATABASE_URL is expected to name a server.')
  return { url, stop: async () => {} }
}

async function versionOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]?.server_version ?? ''
  } finally {
    await client.end()
  }
}

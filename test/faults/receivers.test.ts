import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  hasOpenssl,
  receiver,
  selfSigned,
  tcpReceiver,
  tlsReceiver,
  unusedPort,
} from '../support/misbehaving-receivers.ts'
import { createEndpoint, lookOnce, ownDatabase, startRex } from './fault-parts.ts'
import { expectKept, sized } from './fault-report.ts'
import { captureAll, openLedger } from './ledger.ts'

describe('receivers that misbehave', () => {
  it('cost a good one nothing', async (context) => {
    const captures = sized({ short: 60, whole: 5000 })
    const own = await ownDatabase()
    const ledger = await openLedger()
    const rex = await startRex(own, { REX_RETRY_SCHEDULE: '0,3600' })
    const endpointIds = new Map<string, string>()
    for (const [name, url] of Object.entries(await badReceivers()))
      endpointIds.set(await createEndpoint(rex, url, 5), name)
    await createEndpoint(rex, ledger.receiver.url)
    await captureAll(rex.url, ledger, captures)
    const arrivedMs = await ledger.arrives(performance.now())
    await rex.signal('SIGTERM')

    const seen = await lookOnce<{ endpoint_id: string; error: string | null; bytes: number | null }>(
      own,
      `select distinct d.endpoint_id, a.error, octet_length(a.response_body) as bytes
       from attempt a join delivery d on d.workspace_id = a.workspace_id and d.id = a.delivery_id
       where d.endpoint_id = any (array[${[...endpointIds.keys()].map((id) => `'${id}'`).join(', ')}])`,
    )
    const outcomes = seen.map(({ endpoint_id, error, bytes }) => [
      endpointIds.get(endpoint_id),
      error ?? `${bytes} bytes`,
    ])
    expect(Object.fromEntries(outcomes)).toEqual({
      hanging: 'TIMEOUT',
      dripping: 'TIMEOUT',
      resetting: 'PROTOCOL',
      refusing: 'CONNECT',
      endless: '4096 bytes',
      nowhere: 'DNS',
      ...(hasOpenssl && { untrusted: 'TLS' }),
    })
    const { acknowledged } = ledger
    const counts = { acknowledged, lost: ledger.lost(), duplicates: ledger.duplicates(), allowedDuplicates: 0 }
    const fault = `receivers that hang, drip, reset, refuse, answer 10 MB, have bad TLS or no DNS beside a good one`
    expectKept(context, { fault, ...counts, resumedMs: arrivedMs }, 30_000)
  })
})

async function badReceivers(): Promise<Record<string, string>> {
  const untrusted = hasOpenssl && (await tlsReceiver(selfSigned('/CN=localhost', 'subjectAltName=IP:127.0.0.1')))
  return {
    hanging: await receiver(() => {}),
    dripping: await receiver((_request, response) => drip(response)),
    resetting: await tcpReceiver((socket: Socket) => socket.once('data', () => socket.resetAndDestroy())),
    refusing: `http://127.0.0.1:${await unusedPort()}/`,
    nowhere: 'http://receiver.invalid/',
    endless: await receiver((_request, response) => response.end(Buffer.alloc(10_000_000, 'x'))),
    ...(untrusted && { untrusted: `https://127.0.0.1:${untrusted}/` }),
  }
}

/** A byte every so often: never idle, never done. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write('x'), 50)
  response.on('close', () => clearInterval(timer))
  onTestFinished(() => clearInterval(timer))
}

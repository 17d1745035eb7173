import { performance } from 'node:perf_hooks'
import type { InboundSource } from '../src/capture/source/inbound-source.ts'
import { captureFromSource, type SourceCaptureParts } from '../src/capture/source/source-capture.ts'
import type { CaptureWriter } from '../src/capture/write/writer.ts'
import { decodeBody } from '../src/sources/decode/decode.ts'
import { allKinds, kindOf } from '../src/sources/kinds/all-kinds.ts'
import { readLead } from '../src/sources/read/read-lead.ts'
import { type HostilePayload, hostilePayloads } from '../test/hostile/hostile-payloads.ts'
import { percentile } from './load.ts'
import { printRow } from './report.ts'

const rounds = 15
const warmUpRounds = 3
const limitMs = 5

/** Medians in ms. */
interface Cost {
  readonly name: string
  /** JSON.parse and UTF-8 alone; 0 for a form. */
  readonly parse: number
  /** Decoding without it, recognising and mapping. */
  readonly read: number
  /** What is stored: the payload as JSON, and the addresses in it. */
  readonly store: number
}

/** Measures the source path without HTTP and database, in this process, for bodies of 512 KiB of every slow shape. */
export async function printHostileCosts(): Promise<void> {
  const costs: Cost[] = []
  for (const payload of hostilePayloads()) costs.push(await costOf(payload))
  const sorted = costs.toSorted((a, b) => b.read + b.store - a.read - a.store)
  const over = (each: (cost: Cost) => number) => costs.filter((cost) => each(cost) > limitMs).length
  console.log(
    `\n${costs.length} hostile bodies of 512 KiB, medians of ${rounds}. Above ${limitMs} ms: ${over(({ read }) => read)} by ` +
      `reading, ${over(({ read, store }) => read + store)} with storing. The 15 slowest:\n`,
  )
  printRow(['body', 'JSON.parse, ms', 'decode, recognise, map, ms', 'prepare for storage, ms'])
  printRow(['---', '--:', '--:', '--:'])
  for (const { name, ...times } of sorted.slice(0, 15))
    printRow([name, ...[times.parse, times.read, times.store].map((ms) => ms.toFixed(1))])
}

async function costOf(payload: HostilePayload): Promise<Cost> {
  const measured: { parse: number; read: number; all: number }[] = []
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    const parse = payload.contentType.startsWith('application/json') ? timeOfParse(payload.body) : 0
    const times = await timesOf(payload)
    if (round >= warmUpRounds) measured.push({ parse, ...times })
  }
  const median = (pick: (times: { parse: number; read: number; all: number }) => number) =>
    percentile(
      measured.map(pick).toSorted((a, b) => a - b),
      0.5,
    )
  return {
    name: payload.name,
    parse: median(({ parse }) => parse),
    read: Math.max(
      0,
      median(({ parse, read }) => read - parse),
    ),
    store: median(({ all, read }) => all - read),
  }
}

function timeOfParse(body: Uint8Array): number {
  const start = performance.now()
  try {
    JSON.parse(new TextDecoder().decode(body))
  } catch {
    // Some of them are no JSON: the time up to the error counts.
  }
  return performance.now() - start
}

async function timesOf({ body, contentType }: HostilePayload): Promise<{ read: number; all: number }> {
  let readLeads = 0
  const parts = partsOf((ms) => {
    readLeads += ms
  })
  const headers = { 'content-type': contentType }
  const start = performance.now()
  const decoded = await decodeBody(body, headers)
  const decodeMs = performance.now() - start
  await captureFromSource(parts, { workspace, source, decoded, bytes: body, headers, query: new URLSearchParams() })
  return { read: decodeMs + readLeads, all: performance.now() - start }
}

/** Returns the parts of a capture whose writer stores nothing. */
function partsOf(addTime: (ms: number) => void): SourceCaptureParts {
  const writer = {
    add: async ({ submissionId }: { submissionId: string }) => ({
      sourceAnswer: { status: 'held', id: submissionId },
    }),
  }
  return {
    writer: writer as unknown as CaptureWriter,
    kinds: { allKinds, kindOf },
    readLead: (input) => {
      const start = performance.now()
      const reading = readLead(input)
      addTime(performance.now() - start)
      return reading
    },
    log: {
      error: () => {
        throw new Error('A reader has failed.')
      },
    } as unknown as SourceCaptureParts['log'],
  }
}

const source: InboundSource = {
  ...{ workspaceId: 'wsp_bench', id: 'src_bench', name: 'Hostile', kind: 'GENERIC', isEnabled: true },
  ...{ secrets: [], header: null, mapping: hostileMapping() },
}
const workspace = { id: 'wsp_bench', mergePolicy: 'FILL', defaultCountry: 'DE' } as unknown as Parameters<
  typeof captureFromSource
>[1]['workspace']

/** Returns as many rules as a source may have, each with paths that select from long lists. */
function hostileMapping(): InboundSource['mapping'] {
  const paths = Array.from({ length: 10 }, (_, nth) => `items[question.a${nth}=x].answer`)
  return Array.from({ length: 30 }, (_, nth) => ({ field: `metadata.rule_${nth}`, paths }))
}

import type { InboundSource } from '../src/capture/source/inbound-source.ts'
import { captureFromSource, type SourceCaptureParts } from '../src/capture/source/source-capture.ts'
import type { CaptureWriter } from '../src/capture/write/writer.ts'
import { decodeBody } from '../src/sources/decode/decode.ts'
import { allKinds, kindOf } from '../src/sources/kinds/all-kinds.ts'
import { readLead } from '../src/sources/read/read-lead.ts'
import type { HostilePayload } from '../test/hostile/hostile-bodies.ts'
import { hostilePayloads } from '../test/hostile/hostile-payloads.ts'
import { printRow } from './report.ts'
import { sized } from './sizes.ts'

const rounds = sized({ whole: 20, short: 1 })
const warmUpRounds = sized({ whole: 3, short: 0 })
const limitMs = 5

/** Means of CPU time in ms. */
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
    `\n${costs.length} hostile bodies of 512 KiB, CPU time, means of ${rounds}. Above ${limitMs} ms: ${over(({ read }) => read)} by ` +
      `reading, ${over(({ read, store }) => read + store)} with storing. The 15 slowest:\n`,
  )
  printRow(['body', 'JSON.parse, ms', 'decode, recognise, map, ms', 'prepare for storage, ms'])
  printRow(['---', '--:', '--:', '--:'])
  for (const { name, ...times } of sorted.slice(0, 15))
    printRow([name, ...[times.parse, times.read, times.store].map((ms) => ms.toFixed(1))])
}

/** The clock of CPU time may be coarse, so a batch of rounds is measured at once. */
async function costOf(payload: HostilePayload): Promise<Cost> {
  const { body, contentType, name } = payload
  const headers = { 'content-type': contentType }
  const decoded = await decodeBody(body, headers)
  const payloads = decoded.ok ? decoded.payloads : []
  const request = { workspace, source, decoded, bytes: body, headers, query: new URLSearchParams() }
  const [isJson, settings] = [contentType.startsWith('application/json'), leadSettings]
  const parse = isJson ? await meanMs(() => parseAlone(body)) : 0
  const decode = await meanMs(() => decodeBody(body, headers))
  const map = await meanMs(() => payloads.map((each) => readLead({ ...settings, payload: each })))
  const capture = await meanMs(() => captureFromSource(parts, request))
  return { name, parse, read: Math.max(0, decode - parse) + map, store: Math.max(0, capture - map) }
}

async function meanMs(run: () => unknown): Promise<number> {
  for (let round = 0; round < warmUpRounds; round++) await run()
  const before = process.threadCpuUsage()
  for (let round = 0; round < rounds; round++) await run()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000 / rounds
}

function parseAlone(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined // Some of them are no JSON: the time up to the error counts.
  }
}

/** Parts of a capture whose writer stores nothing. */
const parts: SourceCaptureParts = {
  writer: {
    add: async ({ submissionId }: { submissionId: string }) => ({ sourceAnswer: { status: 'held', id: submissionId } }),
  } as unknown as CaptureWriter,
  kinds: { allKinds, kindOf },
  readLead,
  log: {
    error: () => {
      throw new Error('A reader has failed.')
    },
  } as unknown as SourceCaptureParts['log'],
}

const source: InboundSource = {
  ...{ workspaceId: 'wsp_bench', id: 'src_bench', name: 'Hostile', kind: 'GENERIC', isEnabled: true },
  ...{ secrets: [], header: null, mapping: hostileMapping() },
}
const workspace = { id: 'wsp_bench', mergePolicy: 'FILL', defaultCountry: 'DE' } as unknown as Parameters<
  typeof captureFromSource
>[1]['workspace']

const leadSettings = {
  ...{ kind: undefined, kinds: allKinds, mapping: source.mapping, query: new URLSearchParams() },
  ...{ sourceName: source.name, defaultCountry: 'DE' },
}

/** Returns as many rules as a source may have, each with paths that select from long lists. */
function hostileMapping(): InboundSource['mapping'] {
  const paths = Array.from({ length: 10 }, (_, nth) => `items[question.a${nth}=x].answer`)
  return Array.from({ length: 30 }, (_, nth) => ({ field: `metadata.rule_${nth}`, paths }))
}

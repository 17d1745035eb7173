import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** What a host name resolves to, both families mixed; undefined: the question is never answered. */
export type Zone = (hostname: string) => readonly string[] | undefined

export interface NameServer extends AsyncDisposable {
  /** `address:port`, as `Resolver.setServers` takes it. */
  readonly address: string
}

/** A name server on loopback for one test: real packets, scripted answers, an empty answer for an unknown name. */
export async function startNameServer(zone: Zone): Promise<NameServer> {
  const socket = createSocket('udp4')
  socket.on('message', (query, { address, port }) => {
    const question = parseQuestion(query)
    const addresses = zone(question.hostname)
    if (addresses) socket.send(answer(query, question, addresses), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

interface Question {
  readonly hostname: string
  readonly type: number
  /** Where the question ends in the query. */
  readonly end: number
}

const headerBytes = 12
const typeA = 1
const typeAaaa = 28

function parseQuestion(query: Buffer): Question {
  const labels: string[] = []
  let at = headerBytes
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { hostname: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function answer(query: Buffer, { type, end }: Question, addresses: readonly string[]): Buffer {
  const records = addresses.map(recordData).filter((data) => data.length === (type === typeAaaa ? 16 : 4))
  const header = Buffer.from(query.subarray(0, headerBytes))
  header.writeUInt16BE(0x81_80, 2)
  header.writeUInt16BE(type === typeA || type === typeAaaa ? records.length : 0, 6)
  header.writeUInt32BE(0, 8)
  return Buffer.concat([header, query.subarray(headerBytes, end), ...records.map((data) => record(type, data))])
}

function record(type: number, data: Buffer): Buffer {
  // Name: a pointer to the question; class IN; no time to live.
  const fixed = Buffer.from([0xc0, headerBytes, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length])
  return Buffer.concat([fixed, data])
}

/** IPv6 must be written in full: this is a test's own spelling. */
function recordData(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  return Buffer.from(
    address.split(':').flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255]),
  )
}

import type { ExecutionResult } from 'graphql'
import { describe, expect, it } from 'vitest'
import { SlowSubscriberError } from '../../src/events/bounded-buffer.ts'
import { createBroadcasts } from '../../src/graphql/transport/websocket/broadcasts.ts'
import type { Frames } from '../../src/graphql/transport/websocket/frames.ts'
import { eventually } from '../support/eventually.ts'
import { silentLog } from '../support/test-parts.ts'

/** A client that reads at once, or only what it was sent before it stopped. */
function createClient() {
  let written = 0
  let reading: PromiseWithResolvers<void> | undefined
  const frames: Frames = {
    send: () => undefined,
    write: (bytes) => {
      written += bytes.length
      return reading?.promise
    },
  }
  return {
    frames,
    written: () => written,
    stop: () => {
      reading = Promise.withResolvers()
    },
    goOn: () => {
      reading?.resolve()
      reading = undefined
    },
  }
}

/** A stream whose results the test says. */
function createStream() {
  const results: ExecutionResult[] = []
  let signal = () => {}
  let isEnded = false
  let reads = 0
  async function* stream() {
    reads += 1
    while (!isEnded) {
      for (const result of results.splice(0)) yield result
      await new Promise<void>((resolve) => {
        signal = resolve
      })
    }
  }
  const iterable = stream()
  const end = iterable.return.bind(iterable)
  iterable.return = (value) => {
    isEnded = true
    signal()
    return end(value)
  }
  const tell = (texts: readonly string[]) => {
    results.push(...texts.map((text) => ({ data: { text } })))
    signal()
  }
  return { results: iterable, tell, isEnded: () => isEnded, reads: () => reads }
}

const stream = (key: string, { results }: { results: AsyncIterable<ExecutionResult> }, workspaceId = 'ws_1') => ({
  key,
  workspaceId,
  results,
})

const reads = (client: { written(): number }, bytes: number) =>
  eventually(
    () => client.written() >= bytes,
    () => `${client.written()} of ${bytes} bytes`,
  )

describe('a broadcast', () => {
  it('reads one stream for all, and ends it when the last subscriber has left', async () => {
    const broadcasts = createBroadcasts(silentLog)
    const [used, unused, other] = [createStream(), createStream(), createStream()]
    const client = createClient()
    const first = broadcasts.join(stream('a', used), { id: '1', frames: client.frames })
    const second = broadcasts.join(stream('a', unused), { id: '2', frames: client.frames })
    expect([used.reads(), unused.reads(), unused.isEnded()]).toEqual([1, 0, true])
    await first.return()
    expect(used.isEnded()).toBe(false)
    await second.return()
    expect(used.isEnded()).toBe(true)
    expect(await first.next()).toEqual({ done: true, value: undefined })
    broadcasts.join(stream('a', other), { id: '1', frames: client.frames })
    expect(other.reads()).toBe(1)
  })

  it('ends with SlowSubscriberError for one that does not read, and for no other', async () => {
    const broadcasts = createBroadcasts(silentLog)
    const source = createStream()
    const [slow, quick] = [createClient(), createClient()]
    const ended = broadcasts.join(stream('a', source), { id: '1', frames: slow.frames }).next()
    const other = broadcasts.join(stream('a', createStream()), { id: '2', frames: quick.frames })
    slow.stop()
    const outcome = ended.catch((error: unknown) => error)
    for (let sent = 1; sent <= 300; sent++) {
      source.tell(['x'.repeat(100)])
      await reads(quick, sent * 100)
    }
    expect(await outcome).toBeInstanceOf(SlowSubscriberError)
    expect(slow.written()).toBeLessThan(1000)
    await other.return()
  })

  it('sends what waited, in one go, to a client that reads again', async () => {
    const broadcasts = createBroadcasts(silentLog)
    const source = createStream()
    const [slow, quick] = [createClient(), createClient()]
    broadcasts.join(stream('a', source), { id: '1', frames: slow.frames })
    broadcasts.join(stream('a', createStream()), { id: '1', frames: quick.frames })
    slow.stop()
    for (let sent = 1; sent <= 50; sent++) {
      source.tell([`${sent}`.padEnd(100)])
      await reads(quick, sent * 100)
    }
    expect(slow.written()).toBeLessThan(1000)
    slow.goOn()
    await reads(slow, quick.written())
    expect(slow.written()).toBe(quick.written())
  })

  it('keeps 32 MiB for the slow subscribers of a workspace, and touches no other workspace', async () => {
    const broadcasts = createBroadcasts(silentLog)
    const large = 'x'.repeat(2 * 1024 * 1024)
    const subscribe = (key: string, workspaceId: string) => {
      const source = createStream()
      const client = createClient()
      client.stop()
      let end: unknown
      broadcasts
        .join(stream(key, source, workspaceId), { id: '1', frames: client.frames })
        .next()
        .catch((error: unknown) => {
          end = error
        })
      return { source, client, end: () => end }
    }
    const greedy = Array.from({ length: 20 }, (_, nth) => subscribe(`greedy ${nth}`, 'ws_1'))
    const neighbour = subscribe('neighbour', 'ws_2')
    for (const { source, client } of [...greedy, neighbour]) {
      source.tell([large])
      await reads(client, large.length)
      source.tell([large, large])
    }
    await eventually(
      () => greedy.some(({ end }) => end() instanceof SlowSubscriberError),
      () => 'nobody was ended',
    )
    // A subscriber that ends gives back what it kept, so that the others stay.
    expect(greedy.filter(({ end }) => end() === undefined).length).toBeGreaterThanOrEqual(7)
    expect(neighbour.end()).toBeUndefined()
  })
})

import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { leaveToCommit, opening, statement, type Tx } from '../../src/database/database.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { openParts, silentLog, type TestParts } from '../support/test-parts.ts'

const insert = statement('insert_note', 'insert into note (text) values ($1)')
const count = opening(statement('count_notes', 'select count(*)::int as count from note'))
const conflict = statement('raise_conflict', `do $$ begin raise exception using errcode = '40P01'; end $$`)
const fail = statement('divide_by_zero', 'select 1 / $1::int as result')

describe('a transaction', () => {
  let parts: TestParts

  beforeAll(async () => {
    parts = await openParts()
    await parts.sql('create table note (text text)')
  })
  afterAll(() => parts.close())

  const notes = async () => (await parts.sql<{ text: string }>('select text from note')).map(({ text }) => text)

  it('commits the statements that its work does not await', async () => {
    await parts.database.inTransaction(async (tx) => {
      void tx.query(insert, ['first'])
      void tx.query(insert, ['second'])
    })
    expect(await notes()).toEqual(['first', 'second'])
  })

  it('rejects with the error of a statement that its work does not await, and stores nothing', async () => {
    const failing = parts.database.inTransaction(async (tx) => {
      void tx.query(insert, ['third'])
      void tx.query(fail, [0])
      void tx.query(insert, ['fourth'])
      return 'done'
    })
    await expect(failing).rejects.toThrow('division by zero')
    expect(await notes()).toEqual(['first', 'second'])
  })

  it('leaves a connection that works after a failure', async () => {
    for (let nth = 0; nth < 20; nth++) {
      const failing = parts.database.inTransaction(async (tx) => void tx.query(fail, [0]))
      await expect(failing).rejects.toThrow('division by zero')
    }
    await parts.database.inTransaction(async (tx) => void tx.query(insert, ['fifth']))
    expect(await notes()).toEqual(['first', 'second', 'fifth'])
  })

  it('executes no statement after its end, whatever part of its work goes on', async () => {
    const before = await notes()
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const late: Promise<unknown>[] = []
    const failing = parts.database.inTransaction(async (tx) => {
      late.push(ended.then(() => tx.query(insert, ['after a rollback'])))
      throw new Error('another part failed')
    })
    await expect(failing).rejects.toThrow('another part failed')
    await parts.database.inTransaction(async (tx) => {
      late.push(ended.then(() => tx.query(insert, ['after a commit'])))
    })
    end()
    const outcomes = await Promise.allSettled(late)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await notes()).toEqual(before)
  })

  it('executes statements in the order of their calls, those that it sends with its begin too', async () => {
    const before = (await notes()).length
    const counts = await parts.database.inTransaction(async (tx) => {
      const early = tx.query<{ count: number }>(count)
      void tx.query(insert, ['between'])
      const later = tx.query<{ count: number }>(count)
      return (await Promise.all([early, later])).map(([row]) => row?.count)
    })
    expect(counts).toEqual([before, before + 1])
  })

  it('keeps this order when the answers to its begin and its first read arrive together', async () => {
    for (let nth = 0; nth < 5; nth++)
      await parts.database.inTransaction(async (tx) => {
        const early = tx.query(count)
        void tx.query(insert, [`${nth} first`])
        setImmediate(blockLoop)
        await early
        void tx.query(insert, [`${nth} then`])
      })
    const wanted = Array.from({ length: 5 }, (_, nth) => [`${nth} first`, `${nth} then`]).flat()
    expect((await notes()).slice(-wanted.length)).toEqual(wanted)
  })

  it('is repeated after a conflict of a statement that it leaves to the commit, whatever follows', async () => {
    let runs = 0
    const failing = parts.database.inTransaction(async (tx) => {
      runs += 1
      await leaveToCommit(tx.query(conflict))
      await tx.query(count)
    })
    await expect(failing).rejects.toMatchObject({ code: '40P01' })
    expect(runs).toBe(3)
  })

  it('sends only its first reads when it cannot begin', async () => {
    const way = await startWay(parts.own.environment['DATABASE_URL'] ?? '')
    way.replace = ['begin isolation', 'bogus isolation']
    const database = connectPostgresql(way.url, silentLog)
    onTestFinished(() => database.close())
    const before = await notes()
    let reads = 0
    const failing = database.inTransaction(async (tx) => {
      await tx.query(count)
      reads += 1
      void tx.query(insert, ['without a transaction'])
    })
    await expect(failing).rejects.toThrow('syntax error at or near "bogus"')
    expect(reads).toBe(1)
    expect(await notes()).toEqual(before)
  })

  it('takes its begin along with its first statement, in one packet', async () => {
    const way = await startWay(parts.own.environment['DATABASE_URL'] ?? '')
    const database = connectPostgresql(way.url, silentLog, 1)
    onTestFinished(() => database.close())
    const add = () =>
      database.inTransaction(async (tx) => {
        await tx.query(insert, ['with a begin'])
        await tx.query(insert, ['and another'])
      })
    await add() // Prepares the statements, and plans them for the next two seconds.
    const before = way.packets
    await add()
    expect(way.packets - before).toBe(3)
  })

  it.each([
    ['nothing', 'known', []],
    ['nothing of what it has not prepared', 'new', []],
    ['only reads behind it', 'known', [count]],
  ])('executes %s when the begin of its first statement fails', async (_, kind, reads) => {
    const way = await startWay(parts.own.environment['DATABASE_URL'] ?? '')
    const database = connectPostgresql(way.url, silentLog, 1)
    onTestFinished(() => database.close())
    const first = kind === 'known' ? insert : { ...insert, name: `${insert.name}_of_a_${kind}_name` }
    const read: unknown[] = []
    const add = (text: string) =>
      database.inTransaction(async (tx) => {
        void tx.query(first, [text])
        for (const rows of reads.map((each) => tx.query<{ count: number }>(each)))
          void rows.then(([row]) => read.push(row))
        void tx.query(insert, [`${text}, later`])
      })
    await database.inTransaction((tx) => tx.query(insert, ['begun']))
    const before = await notes()
    expect(before.at(-1)).toBe('begun')
    way.replace = ['\0begin\0', '\0bogus\0']
    await expect(add('without a transaction')).rejects.toThrow('prepared statement "bogus" does not exist')
    way.replace = undefined
    expect(await notes()).toEqual(before)
    expect(read).toEqual(reads.map(() => ({ count: before.length })))
    await add('begun again')
    expect(await notes()).toEqual([...before, 'begun again', 'begun again, later'])
  })

  it('sends nothing at all when its work sends nothing', async () => {
    const way = await startWay(parts.own.environment['DATABASE_URL'] ?? '')
    const database = connectPostgresql(way.url, silentLog, 1)
    onTestFinished(() => database.close())
    await database.inTransaction((tx) => tx.query(count))
    const before = way.packets
    expect(await database.inTransaction(async () => 'done')).toBe('done')
    const failing = database.inTransaction(async () => Promise.reject(new Error('before any statement')))
    await expect(failing).rejects.toThrow('before any statement')
    expect(way.packets).toBe(before)
  })

  it.each([
    ['first', [failing, adding]],
    ['last', [adding, failing]],
    ['through another function', [adding, async (tx: Tx) => void (await failing(tx))]],
    ['through four others', [adding, throughFour]],
  ])('stores nothing when a call that it leaves to the commit fails before it sends: %s', async (_, calls) => {
    const before = await notes()
    const ended = parts.database.inTransaction((tx) => leaveToCommit(...calls.map((call) => call(tx))))
    await expect(ended).rejects.toThrow('wrong values')
    expect(await notes()).toEqual(before)
  })
})

/** Blocks the event loop until the answers to all that was sent have arrived. */
function blockLoop(): void {
  const until = performance.now() + 20
  while (performance.now() < until);
}

async function throughFour(tx: Tx): Promise<void> {
  const wrapped = (inner: (tx: Tx) => Promise<void>) => async (given: Tx) => inner(given)
  return wrapped(wrapped(wrapped(wrapped(failing))))(tx)
}

async function adding(tx: Tx): Promise<void> {
  await tx.query(insert, ['left to the commit'])
}

async function failing(_tx: Tx): Promise<void> {
  throw new Error('wrong values')
}

/** Leads to PostgreSQL, and may change what is sent to it. */
interface Way {
  readonly url: string
  /** Number of packets sent so far. */
  readonly packets: number
  /** Text to replace, and another one of the same length. */
  replace: readonly [string, string] | undefined
}

async function startWay(databaseUrl: string): Promise<Way> {
  const target = new URL(databaseUrl)
  let replace: Way['replace']
  let packets = 0
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname)
    client.on('data', (chunk) => {
      packets++
      const text = chunk.toString('latin1')
      upstream.write(replace === undefined ? text : text.replaceAll(...replace), 'latin1')
    })
    upstream.pipe(client)
    client.on('close', () => upstream.destroy())
    for (const socket of [client, upstream]) socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: url.href,
    get packets() {
      return packets
    },
    set replace(texts: Way['replace']) {
      replace = texts
    },
  }
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { statement } from '../../src/database/database.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'

const insert = statement('insert_note', 'insert into note (text) values ($1)')
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
})

import { describe, expect, it } from 'vitest'
import { problemOfServer, type Server } from '../../src/database/server-check.ts'

const good: Server = {
  version: 140_000,
  encoding: 'UTF8',
  read_only: false,
  is_standby: false,
  role: 'rex',
  database: 'leads',
}

describe('20: a server', () => {
  it('is taken from PostgreSQL 14 on', () => {
    expect(problemOfServer(good)).toBeUndefined()
    expect(problemOfServer({ ...good, version: 180_004 })).toBeUndefined()
    expect(problemOfServer({ ...good, version: 130_020 })).toBe(
      'the server is PostgreSQL 13, and 14 or newer is needed.',
    )
  })

  it.each<[Partial<Server>, RegExp]>([
    [
      { encoding: 'EUC_JP' },
      /EUC_JP.*: CREATE DATABASE "leads_utf8" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';$/,
    ],
    [{ read_only: true, is_standby: true }, /standby.*: SELECT pg_promote\(\);$/],
    [
      { read_only: true },
      /only read.*: ALTER ROLE "rex" IN DATABASE "leads" SET default_transaction_read_only = off;$/,
    ],
    [{ read_only: true, role: 'a"b\nc' }, /ALTER ROLE "a""b\nc" /],
  ])('that is %j is refused with the statement that mends it', (bad, message) => {
    expect(problemOfServer({ ...good, ...bad })).toMatch(message)
  })
})

import { describe, expect, it } from 'vitest'
import { newId } from '../../src/platform/ids.ts'
import { eventually } from '../support/eventually.ts'
import { openOwn, runSql } from '../support/test-parts.ts'
import { endpointsOf, fanOutAll, names, viewerOf } from '../support/webhook-parts.ts'
import { createEndpoint, openLook, ownDatabase, startRex } from './fault-parts.ts'
import { expectKept, sized } from './fault-report.ts'
import { captureAll, openLedger } from './ledger.ts'

describe('rows', () => {
  it('that are poison hold up nobody, and stay to be seen', async (context) => {
    const captures = sized({ short: 60, whole: 5000 })
    const own = await ownDatabase()
    // What a receiver answers goes into a row, too.
    const ledger = await openLedger((_webhook, response) => response.end(Buffer.from([0, 0xff, 0xc3, 0, 0xed, 0xa0])))
    const rex = await startRex(own)
    const look = await openLook(own)
    const [tampered, lost, nowhere] = [0, 1, 2].map(() => createEndpoint(rex, ledger.receiver.url))
    const poisoned = [
      `update webhook_endpoint set secret = overlay(secret placing 'AAAA' from 9) where id = '${await tampered}'`,
      `update webhook_endpoint set secret = 'k9:AAAA' where id = '${await lost}'`,
      `update webhook_endpoint set url = 'no url' where id = '${await nowhere}'`,
    ]
    for (const statement of poisoned) await look(statement)
    const good = await createEndpoint(rex, ledger.receiver.url)
    await look(
      `insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, next_attempt_at)
       select workspace_id, 'dlv_without_event', id, 'evt_none', 0, now() from webhook_endpoint where id = '${good}'`,
    )
    await captureAll(rex.url, ledger, captures)
    await ledger.arrives(performance.now())
    // Each poisoned endpoint is tried and fails in sight; the breaker keeps the rest of its deliveries waiting.
    const statuses = () =>
      look(
        `select (endpoint_id = '${good}') as good, status = 'SUCCEEDED' as succeeded, count(*)::int as count,
                count(distinct endpoint_id) filter (where attempt_count > 0)::int as tried
         from delivery group by 1, 2 order by 1, 2`,
      )
    const expected = [
      { good: false, succeeded: false, count: 3 * captures, tried: 3 },
      { good: true, succeeded: false, count: 1, tried: 1 },
      { good: true, succeeded: true, count: captures, tried: 1 },
    ]
    const areSo = async () => JSON.stringify(await statuses()) === JSON.stringify(expected)
    await eventually(areSo, async () => JSON.stringify(await statuses()))
    expect(await rex.signal('SIGTERM')).toBe(0)
    const { acknowledged } = ledger
    const counts = { acknowledged, lost: ledger.lost(), duplicates: ledger.duplicates(), allowedDuplicates: 0 }
    expectKept(context, { fault: 'poison rows: secrets, a URL, an event, answers', ...counts, resumedMs: null })
  })

  it('that are due at the start all go, once', async (context) => {
    const due = sized({ short: 2000, whole: 100_000 })
    const own = await ownDatabase()
    const ledger = await openLedger()
    const database = await openOwn(own)
    const workspaceId = newId('workspace')
    const endpoint = { url: ledger.receiver.url, maxInFlight: 100 }
    await endpointsOf({ database }).create(viewerOf(workspaceId), endpoint, names)
    await runSql(
      database,
      `insert into event (workspace_id, id, type, contact_id, body, created_at)
       select $1::text, 'evt_' || nth, 'contact.created', 'cont_' || nth,
              '{"id":"evt_' || nth || '","data":{"id":"cont_' || nth || '"}}', now()
       from generate_series(1, $2::int) nth`,
      [workspaceId, due],
    )
    await fanOutAll({ database })
    await database.close()
    for (let nth = 1; nth <= due; nth++) ledger.acknowledge(`cont_${nth}`)
    const startedAt = performance.now()
    await startRex(own, { REX_LEASE_MS: '60000', REX_ATTEMPT_TIMEOUT_MS: '30000' })
    const resumedMs = await ledger.arrives(startedAt)
    const counts = { lost: ledger.lost(), duplicates: ledger.duplicates(), allowedDuplicates: 0 }
    const fault = `${due.toLocaleString('en')} due at the start`
    expectKept(context, { fault, acknowledged: ledger.acknowledged, ...counts, resumedMs })
  })
})

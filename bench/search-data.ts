import { readConfig } from '../src/config/config.ts'
import { statement } from '../src/database/database.ts'
import { migrate } from '../src/database/migrate.ts'
import { openDatabase } from '../src/database/open.ts'
import { createLog } from '../src/platform/log.ts'
import { bootstrap } from '../src/workspaces/bootstrap.ts'
import { openScripts, type Scripts } from './scripts.ts'

const slug = 'default'
const chunk = 50_000
const otherWorkspaces = 20

/** Migrates a database and fills it with the contacts of one workspace, and a fifth as many of other workspaces. */
export async function fillWithContacts(
  environment: Readonly<Record<string, string>>,
  contacts: number,
  apiKey: string,
): Promise<void> {
  const config = readConfig(environment)
  const database = await openDatabase(config, createLog('silent'))
  try {
    await migrate(database)
    await bootstrap(database, { slug, configuredKey: apiKey })
    const [workspace] = await database.query<{ id: string }>(selectWorkspace, [slug])
    if (workspace === undefined) throw new Error('The default workspace is missing.')
    await using scripts = await openScripts(database, config.databaseUrl)
    await insertContacts(scripts, workspace.id, contacts)
  } finally {
    await database.close()
  }
}

/** Inserts contacts and creates the search index at the end, which is ten times as fast as row by row. */
async function insertContacts(scripts: Scripts, workspaceId: string, contacts: number): Promise<void> {
  await scripts.run(`
    create table search_index as
    select indexdef from pg_indexes where indexname = 'contact_search_idx';
    drop index contact_search_idx`)
  for (let first = 0; first < contacts; first += chunk)
    await scripts.run(insertRows(`'${workspaceId}'`, first, Math.min(chunk, contacts - first)))
  const others = `'ws_other_' || nth % ${otherWorkspaces}`
  for (let first = 0; first < contacts / 5; first += chunk)
    await scripts.run(insertRows(others, contacts + first, Math.min(chunk, contacts / 5 - first)))
  await scripts.run(`
    do $$ begin execute (select indexdef from search_index); end $$;
    drop table search_index`)
  await scripts.run('vacuum analyze contact')
}

/**
 * Returns the insert of contacts. Some names are frequent and most are rare; 4 in 10 e-mails have the same domain. All
 * values follow from nth.
 */
function insertRows(workspaceId: string, first: number, rows: number): string {
  return `
    with parts as (
      select array['james','mary','john','patricia','robert','jennifer','michael','linda','william','elizabeth','david',
                   'barbara','richard','susan','joseph','jessica','thomas','sarah','charles','karen','jane','ada','josé',
                   'zoë','françois','peter','anna','lucas','mia','wei'] as firsts,
             array['smith','johnson','williams','brown','jones','garcia','miller','davis','rodriguez','martinez','doe',
                   'lovelace','stone','schmidt','weber','nguyen','kim','wang','rossi','novak'] as lasts,
             array['ba','ro','li','ne','ta','mo','ri','sa','ke','du','fa','go','hi','ju','ve','wo','zy','xi','qua','pe',
                   'ste','bri','cla','dro','gri'] as syllables
    ), numbers as (
      select nth, abs(hashint8(nth)::bigint) as a, abs(hashint8(nth + 7000000000)::bigint) as b,
             abs(hashint8(nth + 14000000000)::bigint) as c
      from generate_series(${first + 1}::bigint, ${first + rows}) nth
    ), people as (
      select nth, a, b, c,
             case when a % 10 < 5 then firsts[1 + a / 10 % 30]
                  else syllables[1 + a / 10 % 25] || syllables[1 + a / 250 % 25] end as first_name,
             case when b % 10 < 4 then lasts[1 + b / 10 % 20]
                  else syllables[1 + b / 10 % 25] || syllables[1 + b / 250 % 25] || syllables[1 + b / 6250 % 25]
             end as last_name,
             case when c % 10 < 4 then 'gmail.com'
                  else syllables[1 + c / 10 % 25] || syllables[1 + c / 250 % 25] || syllables[1 + c / 6250 % 25] || '.com'
             end as domain,
             timestamptz '2025-01-01' + nth * interval '30 seconds' as created_at
      from numbers, parts
    )
    insert into contact
      (workspace_id, id, email, first_name, last_name, stage, source, metadata, created_at, updated_at, last_seen_at)
    select ${workspaceId}, 'cont_' || lpad(nth::text, 26, '0'),
           first_name || '.' || last_name || nth || '@' || domain,
           case when c % 7 > 0 then initcap(first_name) end, case when c % 9 > 0 then initcap(last_name) end,
           (array['lead','lead','lead','qualified','customer'])[1 + c % 5], (array['organic','ads','event'])[1 + b % 3],
           jsonb_build_object('utm_source', (array['google','bing','news'])[1 + c % 3],
                              'utm_campaign', 'campaign-' || b % 300, 'landing_page', '/pricing'),
           created_at, created_at + b % 5000000 * interval '1 second', created_at + c % 7000000 * interval '1 second'
    from people`
}

const selectWorkspace = statement('select_bench_workspace', 'select id from workspace where slug = $1')

import type { Page } from 'playwright-core'
import { eventually } from './eventually.ts'
import { runOn } from './run-on.ts'
import type { TestApp } from './test-app.ts'

/** The names of the leads in sight, from above. */
export function shownLeads(page: Page): Promise<string[]> {
  return page.locator('.lead-list .lead-name').allTextContents()
}

/** Waits until the list has exactly these names, newest first. */
export async function showsLeads(page: Page, names: readonly string[]): Promise<void> {
  await eventually(
    async () => JSON.stringify(await shownLeads(page)) === JSON.stringify(names),
    async () => `${JSON.stringify(await shownLeads(page))} instead of ${JSON.stringify(names)}`,
  )
}

/** Stores leads named `Person 1` and so on, the last one newest, without events. */
export async function fillLeads(app: TestApp, slug: string, count: number): Promise<void> {
  await runOn(
    app,
    `insert into contact (workspace_id, id, email, first_name, stage, metadata, trusted_fields, created_at, updated_at, last_seen_at)
     select workspace.id, 'cont_01' || lpad(nth::text, 24, '0'), 'person-' || nth || '@example.com', 'Person ' || nth, 'lead', '{}', '{}',
       time, time, time
     from workspace, generate_series(1, ${count}) as nth, lateral (select now() - interval '1 day' + nth * interval '1 ms') as at (time)
     where workspace.slug = '${slug}'`,
  )
}

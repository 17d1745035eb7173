import type { Page } from 'playwright-core'
import { createApiClient } from './api-client.ts'
import { eventually } from './eventually.ts'
import type { SnippetFront } from './snippet-front.ts'

/** What is stored of one capture. */
export interface StoredCapture {
  readonly status: string
  readonly spamReasons: readonly string[]
  readonly fields: Record<string, unknown>
  readonly contact: {
    readonly metadata: Record<string, unknown>
    readonly firstTouch: Record<string, unknown> | null
    readonly lastTouch: Record<string, unknown> | null
  } | null
}

const touch = '{ source medium campaign term content clickIds referrer landingPage }'
const query = `{ submissions(first: 50) { nodes {
  status spamReasons fields contact { metadata firstTouch ${touch} lastTouch ${touch} }
} } }`

/** All captures of an e-mail, newest first. */
export async function capturesOf({ app }: SnippetFront, email: string): Promise<StoredCapture[]> {
  const answer = (await createApiClient(app).graphql(query)) as { data?: { submissions: { nodes: StoredCapture[] } } }
  if (answer.data === undefined) throw new Error(`Expected submissions, but got ${JSON.stringify(answer)}`)
  return answer.data.submissions.nodes.filter(({ fields }) => fields['email'] === email)
}

/** A page with a form of these fields, and the snippet of a Rex. */
export function pageWith(front: Pick<SnippetFront, 'url'>, fields: string, attributes = 'data-rex-form'): string {
  return `<!doctype html><title>A landing page</title>
<script src="${front.url}/capture.js" defer></script>
<form ${attributes} method="post">
  <label>E-mail <input name="email" type="email" required></label>${fields}
  <button>Send</button>
</form>
<a href="/second">Go on</a>`
}

/** Notes the snippet's events from now on, also over further pages of the tab. */
export async function noteEvents(page: Page): Promise<() => Promise<{ type: string; detail: unknown }[]>> {
  const noted: { type: string; detail: unknown }[] = []
  await page.exposeFunction('noteEvent', (type: string, detail: unknown) => noted.push({ type, detail }))
  await page.addInitScript(`for (const name of ['submit', 'success', 'error', 'queued'])
    addEventListener('rex:' + name, ({ type, detail }) => noteEvent(type, JSON.parse(JSON.stringify(detail ?? null))))`)
  return async () => noted
}

/** Waits for the state that the form shows. */
export async function formIs(page: Page, state: string): Promise<void> {
  const shown = () => page.locator('form').getAttribute('data-rex-state', { timeout: 1000 })
  await eventually(
    async () => (await shown()) === state,
    async () => String(await shown()),
  )
}

/** Fills in an e-mail and presses the button. */
export async function sendForm(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('button', { name: 'Send' }).click()
}

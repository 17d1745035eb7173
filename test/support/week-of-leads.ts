import { captureAs, type Tenant } from './dashboard-page.ts'
import { runOn } from './run-on.ts'
import type { TestApp } from './test-app.ts'

/** Invented people; none of them exists. */
const firstNames =
  'Mira Jonas Leila Tomás Aiko Henrik Priya Noor Felix Zofia Malik Greta Ruben Ines Kofi Elin Mateo Sanna Dario Ayşe'.split(
    ' ',
  )
const lastNames =
  'Brandt Okafor Lindqvist Moreau Castellanos Nakamura Voss Haddad Petrov Quinn Ferreira Aydın Novak Iversen Rahman Keller'.split(
    ' ',
  )

/** Sources, with the sum of percents of the leads up to each. */
const sources = [
  { source: 'google', campaign: 'spring-launch', page: '/pricing', upTo: 38 },
  { source: 'newsletter', campaign: 'november-news', page: '/guides/webhooks', upTo: 61 },
  { source: 'linkedin', campaign: 'founders', page: '/', upTo: 80 },
  { source: 'webinar', campaign: 'live-demo', page: '/webinar', upTo: 92 },
  { source: 'partner', campaign: '', page: '/partners', upTo: 100 },
]

const columns = ['email', 'first_name', 'last_name', 'source', 'metadata.utm_campaign', 'metadata.landing_page']
const hours = 14 * 24

interface PastLead {
  readonly minutesAgo: number
  readonly values: readonly string[]
}

/** Stores the leads of two weeks, with days and nights, as they came through several sources; some came twice. */
export async function fillWeeks(app: TestApp, tenant: Tenant): Promise<void> {
  const leads = pastLeads(new Date())
  const twice = leads.filter((_, nth) => nth % 13 === 5)
  await importRows(tenant, 0, columns, leads)
  await importRows(
    tenant,
    1,
    ['email', 'metadata.company'],
    twice.map(({ values: [email = ''] }) => ({ values: [email, `${email[0]?.toUpperCase()}. & Partners`] })),
  )
  const times = leads.map(({ minutesAgo, values: [email] }) => `('${email}', ${minutesAgo})`)
  await runOn(
    app,
    `with past (email, minutes) as (values ${times.join(', ')}),
     moved as (
       update contact set created_at = at, updated_at = at, last_seen_at = at
       from workspace, past, lateral (select now() - minutes * interval '1 minute') as of_past (at)
       where contact.email = past.email and workspace.id = workspace_id and workspace.slug = '${tenant.slug}'
       returning contact.workspace_id, contact.id, at
     )
     update submission set received_at = at from moved
     where submission.workspace_id = moved.workspace_id and submission.contact_id = moved.id`,
  )
}

/** Captures some leads now, one after the other. */
export async function captureSome(tenant: Tenant, count: number): Promise<void> {
  for (let nth = 0; nth < count; nth++) {
    const [email, first_name, last_name, source, utm_campaign, landing_page] = valuesOf(319 - nth)
    await captureAs(tenant, { email, first_name, last_name, source, metadata: { utm_campaign, landing_page } })
  }
}

async function importRows(
  { client }: Tenant,
  batch: number,
  fields: readonly string[],
  rows: readonly Pick<PastLead, 'values'>[],
): Promise<void> {
  const { status } = await client.rest('POST', '/contacts/import', {
    import: 'weeks',
    batch,
    columns: fields.map((field) => ({ name: field, field })),
    rows: rows.map(({ values }, row) => ({ row, values })),
  })
  if (status !== 200) throw new Error(`The leads were not stored: ${status}`)
}

function pastLeads(now: Date): PastLead[] {
  const all: PastLead[] = []
  for (let hour = 0; hour < hours; hour++)
    for (let nth = 0; nth < leadsOf(hour, now); nth++)
      all.push({ minutesAgo: 4 + hour * 60 + ((nth * 23 + hour * 7) % 56), values: valuesOf(all.length) })
  return all.slice(0, 300)
}

const byHour = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 1, 2, 2, 2, 2, 1, 1, 1, 1, 0, 1, 0]
/** Share of the usual leads, from Sunday on. */
const byDay = [0.5, 0.9, 1.2, 1, 1.3, 0.8, 0.5]

/** Returns the number of leads of an hour: few at night and on weekends, and more in the newer week. */
function leadsOf(hoursAgo: number, now: Date): number {
  const time = new Date(now.getTime() - hoursAgo * 3_600_000)
  const usual = (byHour[time.getUTCHours()] ?? 0) * (byDay[time.getUTCDay()] ?? 0)
  const spread = ((hoursAgo * 7919) % 10) / 10
  return Math.floor(usual * (hoursAgo < hours / 2 ? 1.1 : 0.95) + spread * Math.min(usual, 1))
}

function valuesOf(nth: number): string[] {
  const first = firstNames[nth % firstNames.length] ?? ''
  const last = lastNames[(nth + Math.floor(nth / firstNames.length)) % lastNames.length] ?? ''
  const { source, campaign, page } = sourceOf((nth * 37) % 100)
  const email = `${first}.${last}`
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll('ı', 'i')
    .replace(/[^a-z.]/g, '')
  return [`${email}@example.com`, first, last, source, campaign, page]
}

function sourceOf(percent: number) {
  return sources.find(({ upTo }) => percent < upTo) ?? { source: '', campaign: '', page: '' }
}

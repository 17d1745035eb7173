import type { Scope } from '../../generated/graphql/graphql.ts'
import type { Api } from './api.ts'
import type { ResultOf } from './documents.js'
import { element, scopeNotice } from './element.ts'
import { heldView } from './held.ts'
import { leadsView } from './leads.ts'
import { startLive } from './live.ts'
import { liveLine } from './live-line.ts'
import { sourcesView } from './sources.ts'
import type { ViewContext } from './view-context.ts'
import { webhooksView } from './webhooks.ts'

interface Session {
  readonly key: string
  readonly api: Api
  readonly viewer: ResultOf<'Viewer'>['viewer']
  readonly signal: AbortSignal
  readonly signOut: () => void
  readonly onUnauthenticated: () => void
}

interface View {
  readonly name: string
  readonly scope: Scope
  open(context: ViewContext, id: string): HTMLElement
}

/** Views by the part after the # in the address; without that part the first view is shown. */
const views: Readonly<Record<string, View>> = {
  leads: { name: 'Leads', scope: 'CONTACTS_READ', open: leadsView },
  held: { name: 'Held', scope: 'CONTACTS_READ', open: heldView },
  sources: { name: 'Sources', scope: 'SOURCES_READ', open: sourcesView },
  webhooks: { name: 'Webhooks', scope: 'WEBHOOKS_READ', open: webhooksView },
}

/** Opens the app shell around the views. Reads the cursor before any data, so that no event in between is missed. */
export async function openDashboard(session: Session): Promise<HTMLElement> {
  const { api, viewer, signal, signOut } = session
  const may = (scope: Scope) => viewer.scopes.includes(scope) || viewer.scopes.includes('ADMIN')
  const newest = may('EVENTS_READ') ? await api.query('NewestEvent', {}) : undefined
  const line = liveLine()
  const live = startLive({
    ...session,
    may,
    cursor: newest?.events.nodes[0]?.cursor,
    onState: line.show,
  })
  const main = element('div', { class: 'view' })
  const links = Object.entries(views).map(([path, { name }]) => element('a', { href: `#${path}` }, name))
  const show = mountViews(main, links, { api, live, may, signal })
  addEventListener('hashchange', () => show(true), { signal })
  show(false)
  return element(
    'div',
    {},
    element(
      'header',
      { class: 'bar' },
      element('nav', { 'aria-label': 'Views' }, links),
      line.node,
      element('button', { class: 'quiet', click: () => signOut() }, 'Sign out'),
    ),
    main,
  )
}

/** Routes by the hash. Each view has its own signal, which aborts when the next view is shown. */
function mountViews(
  main: HTMLElement,
  links: readonly HTMLAnchorElement[],
  context: ViewContext,
): (byUser: boolean) => void {
  let viewLifetime = new AbortController()
  return (byUser) => {
    viewLifetime.abort()
    viewLifetime = new AbortController()
    const [first = ''] = Object.keys(views)
    const [requested = '', id = ''] = location.hash.slice(1).split('/')
    const path = Object.hasOwn(views, requested) ? requested : first
    const view = views[path]
    if (view === undefined) return
    for (const link of links) link.ariaCurrent = link.hash === `#${path}` ? 'page' : null
    const signal = AbortSignal.any([context.signal, viewLifetime.signal])
    const heading = element('h2', { tabindex: -1 }, view.name)
    const content = context.may(view.scope) ? view.open({ ...context, signal }, id) : scopeNotice(view.scope, view.name)
    main.replaceChildren(heading, content)
    if (byUser) heading.focus()
  }
}

import { useSyncExternalStore } from 'react'

/** The page is in the fragment of the address, since the server has other paths: `/#/leads?stage=lead`. */
function current(): { path: string; search: string } {
  const [path = '', search = ''] = location.hash.replace(/^#?\/?/, '').split('?')
  return { path: `/${path}`, search }
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

/** Opens a page by its path and query: `navigate('/leads?stage=lead')`. A query alone stays on the page. */
export function navigate(to: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  const target = to.startsWith('?') ? `${current().path}${to === '?' ? '' : to}` : to
  history[replace ? 'replaceState' : 'pushState'](null, '', `#${target}`)
  // Neither of them raises the event by itself.
  dispatchEvent(new HashChangeEvent('hashchange'))
}

/** Returns the path in the fragment and `navigate`, as wouter asks of its location hook. */
export function useFragmentLocation(): [string, typeof navigate] {
  return [useSyncExternalStore(subscribe, () => current().path), navigate]
}

useFragmentLocation.hrefs = (href: string) => `#${href}`

/** Returns the query in the fragment, as wouter asks of its search hook. */
export function useFragmentSearch(): string {
  return useSyncExternalStore(subscribe, () => current().search)
}

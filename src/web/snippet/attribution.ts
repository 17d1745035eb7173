import { ofDocument } from './prototypes.ts'
import { openStorage } from './storage.ts'

/** Marketing source of a visitor: values by the names that Rex knows. */
type Touch = Record<string, string>

const names =
  'utm_source utm_medium utm_campaign utm_term utm_content gclid gbraid wbraid fbclid msclkid ttclid li_fat_id twclid dclid'
const storageName = 'rex:touches'
const { first, last } = storeTouches(openStorage('sessionStorage'))

/** Returns the attribution of a lead: the last touch, and the first one if it differs. */
export function attribution(): Touch {
  const touch = { ...last }
  if (JSON.stringify(first) !== JSON.stringify(last))
    for (const name of Object.keys(first)) touch[`first_${name}`] = first[name] ?? ''
  return touch
}

/** Stores the touches. A page that was reached from another site begins a touch; navigation within the site does not. */
function storeTouches(storage: Record<string, string>): { first: Touch; last: Touch } {
  const page = readArrival()
  const isArrival = Object.keys(page).length > 0
  page.landing_page = truncate(withoutQuery(location.href), 2048)
  const touches = { first: page, last: page }
  try {
    const stored = JSON.parse(storage[storageName] ?? '{}') as Partial<typeof touches>
    touches.first = stored.first ?? page
    if (!isArrival) touches.last = stored.last ?? page
    storage[storageName] = JSON.stringify(touches)
  } catch {
    // The stored value is invalid, or the storage is full: only this page is known.
  }
  return touches
}

function readArrival(): Touch {
  const touch: Touch = {}
  const query = new URLSearchParams(location.search)
  for (const name of names.split(' ')) {
    const value = query.get(name)
    if (value) touch[name] = truncate(value, 500)
  }
  const referrer = String(ofDocument('referrer'))
  if (referrer && !referrer.startsWith(location.origin)) touch.referrer = truncate(withoutQuery(referrer), 2048)
  return touch
}

/** Cuts a text to a value that Rex accepts, so that a link that is too long or malformed does not cost the lead. */
function truncate(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/\0|[\ud800-\udbff]$/g, '')
}

/** Removes the query and the fragment, which may contain personal data. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*/, '')
}

import { ofDocument } from './prototypes.ts'
import { openBox } from './storage.ts'

/** Where a visitor came from: values by the names that Rex knows. */
type Touch = Record<string, string>

const names =
  'utm_source utm_medium utm_campaign utm_term utm_content gclid gbraid wbraid fbclid msclkid ttclid li_fat_id twclid dclid'
const keptName = 'rex:touches'
const { first, last } = rememberTouches(openBox('sessionStorage'))

/** What a lead is told to come from: the last touch, and the first where that was another. */
export function attribution(): Touch {
  const told = { ...last }
  if (JSON.stringify(first) !== JSON.stringify(last))
    for (const name of Object.keys(first)) told[`first_${name}`] = first[name] ?? ''
  return told
}

/** A page that was reached by a link of somebody else's begins a touch; going on within the site does not. */
function rememberTouches(box: Record<string, string>): { first: Touch; last: Touch } {
  const page = arrival()
  const isArrival = Object.keys(page).length > 0
  page.landing_page = bounded(withoutQuery(location.href), 2048)
  const touches = { first: page, last: page }
  try {
    const kept = JSON.parse(box[keptName] ?? '{}') as Partial<typeof touches>
    touches.first = kept.first ?? page
    if (!isArrival) touches.last = kept.last ?? page
    box[keptName] = JSON.stringify(touches)
  } catch {
    // What is kept is not ours, or the storage is full: this page is all that is known.
  }
  return touches
}

function arrival(): Touch {
  const touch: Touch = {}
  const query = new URLSearchParams(location.search)
  for (const name of names.split(' ')) {
    const value = query.get(name)
    if (value) touch[name] = bounded(value, 500)
  }
  const referrer = String(ofDocument('referrer'))
  if (referrer && !referrer.startsWith(location.origin)) touch.referrer = bounded(withoutQuery(referrer), 2048)
  return touch
}

/** What Rex takes: a link that somebody made too long, or with half a character, must not cost the lead. */
function bounded(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/\0|[\ud800-\udbff]$/g, '')
}

/** Queries of pages may hold what is personal. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*/, '')
}

/** Fields of the query that say where a visitor comes from. */
const attributionNames = [
  ...['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'],
  ...['gclid', 'gbraid', 'wbraid', 'fbclid', 'msclkid', 'ttclid', 'li_fat_id', 'twclid', 'dclid'],
]

/** The body of a capture. */
export type Lead = Record<string, string | Record<string, string>>

/** Returns where the visitor of this page comes from, as metadata of the contact. */
export function readAttribution(): Record<string, string> {
  const query = new URLSearchParams(location.search)
  const found = attributionNames.map((name) => [name, query.get(name) ?? ''] as const)
  const isFromElsewhere = document.referrer !== '' && !document.referrer.startsWith(location.origin)
  // The query of another page may contain personal data.
  const referrer = isFromElsewhere ? document.referrer.replace(/[?#].*/, '') : ''
  const all = [...found, ['referrer', referrer], ['landing_page', location.pathname]] as const
  return Object.fromEntries(all.filter(([, value]) => value !== '').map(([name, value]) => [name, value.slice(0, 500)]))
}

/** Reads a form as a capture. The form's own fields win over the attribution, and of a file only its name is sent. */
export function readLead(
  form: HTMLFormElement,
  submitter: HTMLElement | null,
  attribution: Record<string, string>,
): Lead {
  const lead: Lead = {}
  new FormData(form, submitter).forEach((value, name) => {
    const text = typeof value === 'string' ? value : value.name
    const known = lead[name]
    lead[name] = typeof known === 'string' && known !== '' && text !== '' ? `${known}, ${text}` : text || (known ?? '')
  })
  const metadata = Object.fromEntries(Object.entries(attribution).filter(([name]) => !lead[name]))
  return { ...lead, metadata }
}

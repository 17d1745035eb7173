/** Fields of the query that say where a visitor comes from. */
const attributionNames = [
  ...['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'],
  ...['gclid', 'gbraid', 'wbraid', 'fbclid', 'msclkid', 'ttclid', 'li_fat_id', 'twclid', 'dclid'],
]

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

/** Adds the attribution to the data of a form, as metadata. The form's own fields win. */
export function addAttribution(data: FormData, attribution: Record<string, string>): void {
  for (const [name, value] of Object.entries(attribution)) if (!data.get(name)) data.append(`metadata[${name}]`, value)
}

/** Encodes the data of a form as the browser does when it posts the form itself: of a file only its name is sent. */
export function encodeForm(data: FormData): string {
  const body = new URLSearchParams()
  data.forEach((value, name) => {
    body.append(withFormLines(name), withFormLines(typeof value === 'string' ? value : value.name))
  })
  return body.toString()
}

/** Lines of a posted form end with CRLF (HTML, "convert to a list of name-value pairs"). */
function withFormLines(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n')
}

import { attribution } from './touches.ts'

/** The body of a capture. */
export interface Lead {
  [name: string]: string | Record<string, string> | undefined
  metadata: Record<string, string>
}

/** Put in when the script is served. */
const token = '%token%'
/** What Rex takes of metadata: more would cost the lead. */
const maxKeys = 50

/** What a form would send, in the shape of a JSON capture, with where its visitor came from. */
export function readLead(form: HTMLFormElement, submitter: HTMLElement | null): Lead {
  // No prototype: a field named `constructor` or `__proto__` is sent, and refused in words.
  const fields: Record<string, string> = Object.create(null)
  const metadata: Record<string, string> = Object.create(null)
  new FormData(form, submitter).forEach((value, name) => {
    if (typeof value !== 'string') return
    const [, key] = /^metadata\[(.*)]$/.exec(name) ?? []
    const target = key ? metadata : fields
    const place = key ?? name
    target[place] = [target[place], value].filter(Boolean).join(', ')
  })
  let count = Object.keys({ ...fields, ...metadata }).length
  for (const [name, value] of Object.entries(attribution()))
    if (!fields[name] && !metadata[name] && count++ < maxKeys) metadata[name] = value
  return { ...fields, _t: token, metadata }
}

/** A form that was open for days is sent without its token: an old one is suspicious, none is not. */
export function dropOldToken(lead: Lead): void {
  if (Date.now() - Number.parseInt(`${lead._t}`, 36) > 5 * 86_400_000) delete lead._t
}

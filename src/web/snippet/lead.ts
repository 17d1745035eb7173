import { attribution } from './attribution.ts'

/** The body of a capture. */
export interface Lead {
  [name: string]: string | Record<string, string> | undefined
  metadata: Record<string, string>
}

/** Placeholder that the server replaces with the form token. */
const token = '%token%'

/** Reads a form's data as the body of a JSON capture, with the attribution of its visitor. */
export function readLead(form: HTMLFormElement, submitter: HTMLElement | null): Lead {
  // No prototype, so that a field named `constructor` or `__proto__` is sent, and refused with a message.
  const fields: Record<string, string> = Object.create(null)
  const metadata: Record<string, string> = Object.create(null)
  new FormData(form, submitter).forEach((value, name) => {
    const text = typeof value === 'string' ? value : value.size && value.name
    if (text === 0) return
    const [, key] = /^metadata\[(.*)]$/.exec(name) ?? []
    const target = key ? metadata : fields
    const place = key || name
    const known = target[place]
    if (!known) target[place] = text
    // Known fields have one value, so a repeated one is the same value.
    else if (text && text !== known) target[place] += `, ${text}`
  })
  for (const [name, value] of Object.entries(attribution()))
    if (!fields[name] && !metadata[name]) metadata[name] = value
  return { ...fields, _t: token, metadata }
}

/** Removes the token of a form that was open for days: an old token is suspicious, a missing one is not. */
export function dropOldToken(lead: Lead): void {
  if (Date.now() - Number.parseInt(`${lead._t}`, 36) > 5 * 86_400_000) delete lead._t
}

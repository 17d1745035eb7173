/** Values of the form of a webhook. */
export interface EndpointValues {
  readonly url: string
  readonly events: string[]
  readonly description: string | null
}

/** Reads the form of a webhook. */
export function endpointValues(form: HTMLFormElement): EndpointValues {
  const fields = new FormData(form)
  const text = (name: string) => String(fields.get(name) ?? '').trim()
  return { url: text('url'), events: fields.getAll('events').map(String), description: text('description') || null }
}

/**
 * Adds the key of the box to what GraphiQL sends: its own editor of headers reaches HTTP alone. The key is kept for this
 * tab and goes to this server only.
 */
const input = document.querySelector<HTMLInputElement>('#rex-key-input')
const keptName = 'rex-key'

if (input) {
  input.value = sessionStorage.getItem(keptName) ?? ''
  input.addEventListener('input', () => sessionStorage.setItem(keptName, input.value.trim()))
  // GraphiQL asks for the schema again; a reload would hide the samples behind an empty tab.
  input.addEventListener('change', () => document.querySelector<HTMLElement>('[aria-label^="Re-fetch"]')?.click())
  input.form?.addEventListener('submit', (event) => event.preventDefault())
}

const key = () => input?.value.trim() ?? ''
const isOurs = (url: string) => new URL(url, location.href).host === location.host

const plainFetch = window.fetch.bind(window)
window.fetch = (resource, init = {}) => {
  const url = resource instanceof Request ? resource.url : String(resource)
  if (key() === '' || !isOurs(url)) return plainFetch(resource, init)
  const headers = new Headers(init.headers ?? (resource instanceof Request ? resource.headers : {}))
  if (!headers.has('x-api-key')) headers.set('x-api-key', key())
  return plainFetch(resource, { ...init, headers })
}

const PlainSocket = window.WebSocket
window.WebSocket = class extends PlainSocket {
  override send(data: Parameters<WebSocket['send']>[0]): void {
    super.send(typeof data === 'string' && key() !== '' && isOurs(this.url) ? withKey(data) : data)
  }
}

function withKey(data: string): string {
  const message: { readonly type?: string; readonly payload?: object } = JSON.parse(data)
  if (message.type !== 'connection_init') return data
  return JSON.stringify({ ...message, payload: { ...message.payload, apiKey: key() } })
}

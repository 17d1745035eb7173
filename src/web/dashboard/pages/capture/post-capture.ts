/** Response of POST /capture as a visitor gets it. */
export interface CaptureResponse {
  /** Counts the responses of this page. */
  readonly nth: number
  /** Zero when the server was not reached. */
  readonly status: number
  readonly text: string
  readonly ms: number
  /** E-mail of the receipt. */
  readonly email: string | undefined
}

let counted = 0

/** Posts a body without a key and without cookies. */
export async function postCapture(body: string): Promise<CaptureResponse> {
  const start = performance.now()
  const response = await fetch('/capture', {
    method: 'POST',
    credentials: 'omit',
    headers: { 'content-type': 'application/json' },
    body,
  }).catch(() => undefined)
  const text = (await response?.text()) ?? 'The server cannot be reached.'
  const shown = indented(text)
  const ms = Math.round(performance.now() - start)
  return { nth: ++counted, status: response?.status ?? 0, text: shown.text, ms, email: shown.email }
}

function indented(text: string): { readonly text: string; readonly email: string | undefined } {
  try {
    const value: { readonly data?: { readonly email?: string } } = JSON.parse(text)
    return { text: JSON.stringify(value, null, 2), email: value.data?.email }
  } catch {
    return { text, email: undefined }
  }
}

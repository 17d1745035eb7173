/** Findings about the signature in the headers of one scheme. */
export interface SignedHeaders {
  /** Unix time in seconds. */
  readonly at: number
  /** Text that is signed before the body. */
  readonly prefix: string
  /** Signatures as hexadecimal digits. */
  readonly signatures: readonly string[]
  /** Returns the key of a secret; undefined if this scheme cannot use the secret. */
  keyOf(secret: string): Uint8Array<ArrayBuffer> | undefined
}

/** Returns headers by their names in lower case, from lines, from the output of curl, or from JSON. */
export function readHeaders(text: string): ReadonlyMap<string, string> {
  const bare = text.trim()
  if (/^t=\d+,/.test(bare)) return new Map([['x-rex-signature', bare]])
  const lines = bare.split('\n').map((line) => /^[>\s"']*([\w-]+)["']?\s*:\s*["']?(.*?)["',\s]*$/.exec(line))
  return new Map(lines.flatMap((found) => (found ? [[(found[1] ?? '').toLowerCase(), found[2] ?? '']] : [])))
}

/** Returns the schemes that sign a request: undefined for headers that are there and not readable. */
export function signedHeadersOf(headers: ReadonlyMap<string, string>): (SignedHeaders | undefined)[] {
  const [rex, standard] = [headers.get('x-rex-signature'), headers.get('webhook-signature')]
  return [
    ...(rex === undefined ? [] : [rexScheme(rex)]),
    ...(standard === undefined ? [] : [standardScheme(standard, headers)]),
  ]
}

function rexScheme(header: string): SignedHeaders | undefined {
  const at = /^t=(\d{1,12}),/.exec(header)?.[1]
  const signatures = [...header.matchAll(/,v1n?=([0-9a-f]{64})(?=,|$)/g)].map(([, hex]) => hex ?? '')
  if (at === undefined || signatures.length === 0) return undefined
  return { at: Number(at), prefix: `${at}.`, signatures, keyOf: (secret) => new TextEncoder().encode(secret) }
}

function standardScheme(header: string, headers: ReadonlyMap<string, string>): SignedHeaders | undefined {
  const [id, at] = [headers.get('webhook-id') ?? '', headers.get('webhook-timestamp') ?? '']
  const signatures = [...header.matchAll(/(?:^| )v1,([A-Za-z0-9+/]{43}=)(?= |$)/g)].map(([, text]) =>
    hexOf(decodeBase64(text ?? '') ?? new Uint8Array()),
  )
  if (id === '' || !/^\d{1,12}$/.test(at) || signatures.length === 0) return undefined
  return { at: Number(at), prefix: `${id}.${at}.`, signatures, keyOf: standardKey }
}

function standardKey(secret: string): Uint8Array<ArrayBuffer> | undefined {
  const key = secret.startsWith('whsec_') ? decodeBase64(secret.slice('whsec_'.length)) : undefined
  return key && key.length > 0 ? key : undefined
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return undefined // It is not base64.
  }
}

/** Returns bytes as hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

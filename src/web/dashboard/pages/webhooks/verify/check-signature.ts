import { hexOf, readHeaders, type SignedHeaders, signedHeadersOf } from './signed-headers.ts'

/** Request of a webhook as a person pastes it. */
export interface PastedRequest {
  readonly headers: string
  readonly body: string
  readonly secret: string
  /** Last four characters of the current secret. */
  readonly secretHint: string
}

type Part = 'Format' | 'Age' | 'Secret' | 'Body'

/** Result for one part of a request. */
export interface Finding {
  readonly part: Part
  readonly state: 'right' | 'wrong' | 'unknown'
  readonly text: string
}

const toleranceSeconds = 300

/** Finds which part of a request makes its signature wrong. Nothing leaves the browser. */
export async function checkSignature(request: PastedRequest, nowMs = Date.now()): Promise<Finding[]> {
  const headers = readHeaders(request.headers)
  const schemes = signedHeadersOf(headers)
  const readable = schemes.filter((scheme) => scheme !== undefined)
  const [first] = readable
  if (first === undefined) return [formatFinding(schemes.length > 0)]
  return [
    { part: 'Format', state: 'right', text: 'The header is readable.' },
    ageFinding(nowMs / 1000 - first.at),
    ...(await signatureFindings(request, { schemes: readable, eventId: headers.get('webhook-id') })),
  ]
}

function formatFinding(isThere: boolean): Finding {
  const missing = 'There is no header X-Rex-Signature or webhook-signature.'
  const unreadable =
    'The header is not readable: "t=<time>,v1=<64 digits>" is expected, or webhook-id, webhook-timestamp and webhook-signature.'
  return { part: 'Format', state: 'wrong', text: isThere ? unreadable : missing }
}

function ageFinding(seconds: number): Finding {
  const age = `${Math.abs(Math.round(seconds))} seconds`
  const limit = `Programs accept ${toleranceSeconds}.`
  if (seconds > toleranceSeconds) return { part: 'Age', state: 'wrong', text: `It is ${age} old. ${limit}` }
  if (seconds < -toleranceSeconds)
    return { part: 'Age', state: 'wrong', text: `It is ${age} in the future: a clock is wrong. ${limit}` }
  return { part: 'Age', state: 'right', text: `It is ${age} old.` }
}

interface Signed {
  readonly schemes: readonly SignedHeaders[]
  readonly eventId: string | undefined
}

/** Tries what people usually paste or change: what then matches is the explanation. */
async function signatureFindings(request: PastedRequest, signed: Signed): Promise<Finding[]> {
  const { body, secret } = request
  const matches = (candidate: { body: string; secret: string }) => isSigned(signed.schemes, candidate)
  if (await matches({ body, secret }))
    return [right('Secret', 'It made this signature.'), right('Body', 'It is the one that was signed.')]
  for (const { text, value } of secretVariants(secret))
    if (await matches({ body, secret: value }))
      return [wrong('Secret', text), right('Body', 'It is the one that was signed.')]
  for (const { text, value } of bodyVariants(body))
    for (const each of spellingsOf(secret))
      if (await matches({ body: value, secret: each }))
        return [right('Secret', 'It made this signature.'), wrong('Body', text)]
  return unmatched(request, signed.eventId)
}

/** Without a match, the last characters of the secret tell the two causes apart. */
function unmatched({ body, secret, secretHint }: PastedRequest, eventId: string | undefined): Finding[] {
  const endings = spellingsOf(secret).map((each) => [...each].slice(-4).join(''))
  if (!endings.includes(secretHint))
    return [
      wrong('Secret', `It ends with "${endings.at(-1)}"; the secret of this webhook ends with "${secretHint}".`),
      { part: 'Body', state: 'unknown', text: 'It can be checked with the right secret.' },
    ]
  const id = eventIdIn(body)
  const isOther = id !== undefined && eventId !== undefined && id !== eventId
  return [
    right('Secret', `It ends with "${secretHint}", as the secret of this webhook does.`),
    wrong(
      'Body',
      isOther
        ? `It is the body of another event: ${id} instead of ${eventId}.`
        : 'It is not what was signed. Verify the raw bytes of the request, before they are parsed.',
    ),
  ]
}

/** Returns the secret as it was pasted, and without spaces at its ends: they can be its own, or of the copy. */
function spellingsOf(secret: string): string[] {
  return [secret, secret.trim()]
}

interface Variant {
  readonly text: string
  readonly value: string
}

function secretVariants(secret: string): Variant[] {
  const bare = secret.trim().replace(/^["']|["']$/g, '')
  return [
    { text: 'It has spaces or quotes around it.', value: bare },
    { text: 'Its beginning "whsec_" is missing: it belongs to the key.', value: `whsec_${bare}` },
  ].filter(({ value }) => value !== secret)
}

function bodyVariants(body: string): Variant[] {
  const compact = compactJson(body)
  return [
    { text: 'It has spaces or a line break around it, which were not signed.', value: body.trim() },
    ...(compact === undefined
      ? []
      : [
          {
            text: 'It was parsed and written anew: its spaces differ. Verify the raw bytes of the request.',
            value: compact,
          },
        ]),
  ].filter(({ value }) => value !== body)
}

function compactJson(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return undefined // It is not JSON.
  }
}

function eventIdIn(body: string): string | undefined {
  return /^\s*\{\s*"id"\s*:\s*"([^"]+)"/.exec(body)?.[1]
}

async function isSigned(
  schemes: readonly SignedHeaders[],
  { body, secret }: { readonly body: string; readonly secret: string },
): Promise<boolean> {
  for (const { keyOf, prefix, signatures } of schemes) {
    const key = keyOf(secret)
    if (key && key.length > 0 && signatures.includes(await hmacHex(key, prefix + body))) return true
  }
  return false
}

async function hmacHex(key: Uint8Array<ArrayBuffer>, text: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign'])
  return hexOf(new Uint8Array(await crypto.subtle.sign('HMAC', imported, new TextEncoder().encode(text))))
}

function right(part: Part, text: string): Finding {
  return { part, state: 'right', text }
}

function wrong(part: Part, text: string): Finding {
  return { part, state: 'wrong', text }
}

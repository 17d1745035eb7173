/** Body as a receiver may have changed it before it was verified, with the change in words. */
export interface BodyVariant {
  readonly change: string
  readonly body: Buffer
}

/** Returns the bodies that were probably signed, if this one was changed on its way to the verifier. */
export function bodyVariants(body: Buffer): BodyVariant[] {
  const text = body.toString('utf8')
  const variants = [
    variant('it has line breaks at its end that were not sent', text.replace(/[\r\n]+$/, '')),
    variant('the line break at its end is missing', `${text}\n`),
    variant('it begins with a byte order mark that was not sent', text.replace(/^\u{FEFF}/u, '')),
    variant('its line breaks were changed to CRLF', text.replaceAll('\r\n', '\n')),
    ...reserialised(text),
  ]
  return variants.filter(({ body: other }) => !other.equals(body))
}

/** Parsing and writing JSON again changes spaces and escapes; Rex writes it without spaces. */
function reserialised(text: string): BodyVariant[] {
  try {
    const change = 'it was parsed and serialised again: sign over the raw bytes, before a framework parses them'
    return [variant(change, JSON.stringify(JSON.parse(text)))]
  } catch {
    return []
  }
}

function variant(change: string, text: string): BodyVariant {
  return { change, body: Buffer.from(text) }
}

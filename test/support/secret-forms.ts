/** Something that can be read, and its name. */
export interface Place {
  readonly name: string
  readonly text: string
}

/** Where which secret can be read, in whatever form; says nothing of the secret itself. */
export function leaksOf(secrets: Readonly<Record<string, string>>, places: readonly Place[]): string[] {
  return Object.entries(secrets).flatMap(([whose, secret]) =>
    [...formsOf(secret)].flatMap(([form, text]) =>
      places.filter((place) => holds(place.text, text)).map((place) => `${whose}, ${form}, in ${place.name}`),
    ),
  )
}

/** The ways in which a secret would still be readable, each with its name. */
function formsOf(secret: string): ReadonlyMap<string, string> {
  const encoded = secret.replace(/^whsec_/, '')
  const bytes = { whole: Buffer.from(secret), encoded: Buffer.from(encoded), decoded: Buffer.from(encoded, 'base64') }
  const spelled = Object.entries(bytes).flatMap(([name, its]) =>
    (['hex', 'base64', 'base64url'] as const).map((encoding): [string, string] => [
      `${name} in ${encoding}`,
      // Its last characters depend on what follows in the same text: it is known without them.
      its.toString(encoding).replace(/.?=+$/, ''),
    ]),
  )
  const decoded = bytes.decoded.toString('latin1')
  return new Map([['as it is', secret], ['without its prefix', encoded], ['decoded', decoded], ...spelled])
}

/** Hexadecimal is read in either case; of base64 case is a part. */
function holds(text: string, form: string): boolean {
  return text.includes(form) || (/^[0-9a-f]+$/.test(form) && text.toLowerCase().includes(form))
}

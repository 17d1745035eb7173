const qualityValue = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/**
 * Returns the weight (RFC 9110, 12.4.2) that a header such as Accept or Accept-Encoding gives to a name that it spells
 * out: 0 for one that it does not list, since a wildcard asks for nothing special, and for a weight that is malformed.
 */
export function weightOf(name: string, header = ''): number {
  for (const range of header.toLowerCase().split(',')) {
    const [listed, ...parameters] = range.split(';').map((part) => part.trim())
    if (listed !== name) continue
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1'
    return qualityValue.test(weight) ? Number(weight) : 0
  }
  return 0
}

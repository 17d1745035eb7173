import Bowser from 'bowser'

/** Longer headers are cut before they are parsed. */
const maxLength = 512

/** Returns the family of a browser, such as `Firefox on Linux`, without versions: they would identify a person. */
export function browserFamily(userAgent: string | undefined): string {
  if (userAgent === undefined || userAgent === '') return 'unknown'
  const parser = Bowser.getParser(userAgent.slice(0, maxLength))
  const [browser, system] = [known(parser.getBrowserName()), known(parser.getOSName())]
  if (browser === undefined) return 'unknown'
  return system === undefined ? browser : `${browser} on ${system}`
}

/** Returns a name of Bowser's own lists; a header that it does not know may hold any text. */
function known(name: string | undefined): string | undefined {
  const isListed = Object.values<string>({ ...Bowser.BROWSER_MAP, ...Bowser.OS_MAP }).includes(name ?? '')
  return isListed ? name : undefined
}

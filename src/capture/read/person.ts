import { LRUCache } from 'lru-cache'
import { lineThatFits } from '../../contacts/field-checks.ts'
import { normaliseEmail } from '../../platform/text/email.ts'
import type { PostedValues } from './posted-values.ts'

/** Names of tools and labels for a field, as `normalisedName` returns them. */
const emailNames = new Set(['email'])
const otherEmailNames = new Set([
  'emailaddress',
  'mail',
  'mailaddress',
  'useremail',
  'workemail',
  'businessemail',
  'contactemail',
  'emailid',
  'correo',
  'correoelectronico',
  'courriel',
  'adressemail',
])
const firstNames = new Set(['firstname', 'fname'])
const lastNames = new Set(['lastname', 'lname'])
const fullNames = new Set(['name', 'fullname'])
/** Objects that hold the parts of a name, such as `names: {first_name, last_name}`. */
const nameObjects = new Set(['name', 'names', 'fullname'])
const firstNameParts = new Set([...firstNames, 'first', 'given', 'givenname'])
const lastNameParts = new Set([...lastNames, 'last', 'family', 'familyname', 'surname'])

/** Longer names are none of these. */
const maxLabelLength = 40

/** Posted values with the names that are compared: empty where they are nested too deep. */
export interface Labelled {
  readonly item: PostedValues
  readonly labels: readonly string[]
}

/** Returns posted values with their names as they are compared. */
export function withLabels(others: readonly PostedValues[]): Labelled[] {
  return others.map((item) => ({ item, labels: item.names.length > 2 ? [] : item.names.map(normalisedName) }))
}

/** Field of a person that was found under another name, with the posted values that it comes from. */
interface Found {
  readonly value: string
  readonly used: readonly PostedValues[]
}

/** Result of the search for an e-mail; `unclear` if two addresses could be the person's, or if the text is no address. */
type FoundEmail = Found | 'missing' | 'unclear'

/**
 * Finds the e-mail under another name than `email`: first under labels of it, such as `E-Mail`, then under names that
 * tools use.
 */
export function findEmail(others: readonly Labelled[]): FoundEmail {
  const candidates = [emailNames, otherEmailNames].map((names) =>
    others.flatMap((other) => (isCalled(other, names) ? [other.item] : [])),
  )
  for (const used of candidates) {
    const emails = new Set(used.flatMap(({ values }) => values.flatMap((value) => normaliseEmail(String(value)) ?? [])))
    const [value, ...more] = emails
    if (more.length > 0) return 'unclear'
    if (value !== undefined) return { value, used }
  }
  return candidates.some((used) => used.length > 0) ? 'unclear' : 'missing'
}

/** First and last name of a person under other names. */
export interface FoundNames {
  readonly firstName: string | undefined
  readonly lastName: string | undefined
  readonly used: readonly PostedValues[]
}

/** Names that a body has under their own names; undefined where they are missing. */
interface KnownNames {
  readonly firstName: string | undefined
  readonly lastName: string | undefined
}

/**
 * Finds the names that are missing, under names that forms use. A full name is split at its first space. A text that is
 * too long for a name stays metadata.
 */
export function findNames(others: readonly Labelled[], known: KnownNames): FoundNames {
  const first = known.firstName === undefined ? findLine(others, firstNames, firstNameParts) : undefined
  const last = known.lastName === undefined ? findLine(others, lastNames, lastNameParts) : undefined
  const firstName = known.firstName ?? first?.value
  const lastName = known.lastName ?? last?.value
  const parts = [...(first?.used ?? []), ...(last?.used ?? [])]
  const full = firstName === undefined || lastName === undefined ? findLine(others, fullNames) : undefined
  if (full === undefined) return { firstName, lastName, used: parts }
  const [given = '', family] = splitName(full.value)
  // A single word beside a first name is perhaps the last name, perhaps a nickname: it stays metadata.
  const fills = firstName === undefined || family !== undefined
  if (!fills) return { firstName, lastName, used: parts }
  return { firstName: firstName ?? given, lastName: lastName ?? family, used: [...parts, ...full.used] }
}

function splitName(name: string): string[] {
  const [given = '', ...rest] = name.split(' ')
  const family = rest.join(' ').trim()
  return family === '' ? [given] : [given, family]
}

/** Finds a text under one of these names, or under one of these parts of an object that holds a name. */
function findLine(
  others: readonly Labelled[],
  names: ReadonlySet<string>,
  parts: ReadonlySet<string> = new Set(),
): Found | undefined {
  const found = others.flatMap((other) => {
    const value = isCalled(other, names) || isPartOfName(other, parts) ? lineOf(other.item) : undefined
    return value === undefined ? [] : [{ value, used: [other.item] }]
  })
  // Not the first one: a release reads the fields from the database, which does not keep their order.
  return found.sort((a, b) => compareNames(a.used, b.used))[0]
}

function compareNames([a]: readonly PostedValues[], [b]: readonly PostedValues[]): number {
  return (a?.names.join() ?? '') < (b?.names.join() ?? '') ? -1 : 1
}

/** Returns the one text of a field as a name: a list of different texts is none. */
function lineOf({ values }: PostedValues): string | undefined {
  const [value, ...others] = new Set(values)
  return typeof value === 'string' && others.length === 0 ? lineThatFits(value) : undefined
}

function isCalled({ labels: [name = '', part] }: Labelled, wanted: ReadonlySet<string>): boolean {
  return part === undefined && wanted.has(name)
}

function isPartOfName({ labels: [object = '', part = ''] }: Labelled, parts: ReadonlySet<string>): boolean {
  return nameObjects.has(object) && parts.has(part)
}

/** Forms send the same names again and again. */
const knownNames = new LRUCache<string, string>({ max: 2000 })

/** Returns the letters and digits of a name in lower case, without `your`: `your-name` and `Name` are alike. */
function normalisedName(name: string): string {
  if (name.length > maxLabelLength) return ''
  const known = knownNames.get(name) ?? normalise(name)
  knownNames.set(name, known)
  return known
}

function normalise(name: string): string {
  const letters = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
  return letters.replace(/^your(?=.)/, '')
}

import { trimInvisible } from '../../platform/text/visible-text.ts'
import { wordsOf } from '../../platform/text/words.ts'
import { cutLine, textOf } from '../value-text.ts'
import { meansFamilyName } from './aliases.ts'
import { type Finding, isField, ownWords } from './finding.ts'
import { labelOf } from './label.ts'
import { joinWords } from './labels.ts'
import { namesPerson } from './strangers.ts'
import { isWrapper } from './values/places.ts'

export interface PersonName {
  readonly firstName?: string
  readonly lastName?: string
}

/** Name of the lead and the values that it consists of. */
export interface NameChoice extends PersonName {
  readonly used: readonly Finding[]
}

const maxNameLength = 200

/** Finds the lead's name: what stands beside the address first, then what names a first or last name elsewhere. */
export function chooseName(findings: readonly Finding[], emailFinding: Finding | undefined): NameChoice {
  const scope = (emailFinding ?? findings.find(isAboutPerson))?.container
  const first = pick(findings, 'first_name', (finding) => nearness(finding, scope))
  const last = pick(findings, 'last_name', (finding) => nearness(finding, scope))
  const titles = formTitles(findings, scope)
  const forms = besideNamelessForms(findings)
  const full = pick(findings, 'full_name', (finding) => {
    const isTitle = titles.has(lineOf(finding)) || namesForm(finding, forms)
    return isOfPerson(finding, scope) && !isTitle ? nearness(finding, scope) : undefined
  })
  const name = completeName({ first, last, full })
  return { ...name, used: [first, last, full].filter((finding) => finding !== undefined) }
}

/** Splits a full name at its first space. A single word is the first name. */
export function splitName(full: string): PersonName {
  const [firstName, ...rest] = full.split(' ')
  return nameOf(firstName, trimInvisible(rest.join(' ')))
}

/** Returns a value as one line of a name; empty for what is no name, such as an address or a URL. */
export function nameLine(text: string): string {
  const line = cutLine(text, maxNameLength).replace(/[\s\u3000]+/g, ' ')
  return line.includes('@') || line.includes('://') || !/\p{L}/u.test(line) ? '' : line
}

interface FoundNames {
  readonly first: Finding | undefined
  readonly last: Finding | undefined
  readonly full: Finding | undefined
}

/** Completes what first and last name leave open from the full name. */
function completeName({ first, last, full }: FoundNames): PersonName {
  const firstName = first && lineOf(first)
  const lastName = last && lineOf(last)
  if (full === undefined || (firstName && lastName)) return nameOf(firstName, lastName)
  const name = lineOf(full)
  if (firstName === undefined && lastName === undefined) return splitName(name)
  if (firstName === undefined) return nameOf(withoutEnd(name, lastName ?? ''), lastName)
  const rest = name.startsWith(`${firstName} `) ? name.slice(firstName.length + 1) : undefined
  const isFamilyName =
    !name.includes(' ') && meansFamilyName(first === undefined ? [] : ownWords(first), ownWords(full))
  return nameOf(firstName, rest ?? (isFamilyName ? name : undefined))
}

/** Returns a name without its blank parts. */
export function nameOf(firstName: string | undefined, lastName: string | undefined): PersonName {
  return { ...(firstName && { firstName }), ...(lastName && { lastName }) }
}

function withoutEnd(name: string, lastName: string): string | undefined {
  if (name.endsWith(` ${lastName}`)) return name.slice(0, -lastName.length - 1)
  return name.includes(' ') || name === lastName ? undefined : name
}

/** Returns the value of a field that is nearest to the address; of equally near ones the tool's own, then the first. */
function pick(
  findings: readonly Finding[],
  field: 'first_name' | 'last_name' | 'full_name',
  distance: (finding: Finding) => number | undefined,
): Finding | undefined {
  let nearest: { finding: Finding; distance: number } | undefined
  for (const finding of findings) {
    if (!isField(finding, field) || lineOf(finding) === '') continue
    const far = distance(finding)
    if (far === undefined) continue
    const ranked = 2 * far + (finding.field === field ? 0 : 1)
    if (nearest === undefined || ranked < nearest.distance) nearest = { finding, distance: ranked }
  }
  return nearest?.finding
}

function lineOf({ value }: Finding): string {
  return typeof value === 'string' || Array.isArray(value) ? nameLine(textOf(value)) : ''
}

/** Returns how far a value stands from the address: beside, within, around or elsewhere. */
function nearness({ container }: Finding, scope: readonly string[] | undefined): number | undefined {
  if (scope === undefined) return isListed(container) ? undefined : 0
  if (isSame(container, scope)) return 0
  if (isWithin(container, scope)) return 1
  if (isWithin(scope, container)) return 2
  // Another item of the same list is another person.
  return isListed(container) ? undefined : 3
}

function isListed(container: readonly string[]): boolean {
  return container.some((name) => /^\d+$/.test(name))
}

/** Without an address, a phone number or a first or last name shows where the person is. */
function isAboutPerson(finding: Finding): boolean {
  return (['phone', 'first_name', 'last_name'] as const).some((field) => isField(finding, field))
}

/**
 * Returns whether a `name` is a person's. One further out than the address is the form's or the tool's, unless the
 * object around it is a person; one further in must be in a person's object.
 */
function isOfPerson({ container, field }: Finding, scope: readonly string[] | undefined): boolean {
  if (field === 'full_name') return true
  if (scope === undefined) return container.length === 0
  if (isSame(container, scope)) return true
  if (isWithin(container, scope)) return container.slice(scope.length).every(isPersonal)
  return isWithin(scope, container) && namesPerson(labelOf(container.findLast((name) => !isListed([name])) ?? '').words)
}

function isPersonal(name: string): boolean {
  const label = labelOf(name)
  return isWrapper(label) || label.field === 'full_name'
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && isWithin(a, b)
}

function isWithin(inner: readonly string[], outer: readonly string[]): boolean {
  return inner.length >= outer.length && outer.every((name, nth) => inner[nth] === name)
}

/** A longer label is not taken apart: it is no title. */
const maxTitleLength = 100
const titleSpellings = new Set([
  ...[
    'form',
    'formname',
    'formtitle',
    'formlabel',
    'formular',
    'formulaire',
    'formulario',
    'page',
    'pagename',
    'pagetitle',
  ],
  ...['sitename', 'campaign', 'campaignname', 'utmcampaign', 'eventname', 'eventtitle'],
])

/** Names of forms and pages; a form may also be the object around the answers, whose `name` is the person's. */
function formTitles(findings: readonly Finding[], scope: readonly string[] | undefined): ReadonlySet<string> {
  const titles = findings.filter(
    ({ container, labels }) =>
      !(container.length > 0 && scope !== undefined && isSame(container, scope)) &&
      labels.some(
        (label) =>
          label.text.length <= maxTitleLength && label.words.length < 4 && titleSpellings.has(joinWords(label.words)),
      ),
  )
  return new Set(titles.map(lineOf))
}

const formWords = new Set(['form', 'formular', 'formulaire', 'formulario'])
const idWords = new Set(['id', 'uid', 'uuid', 'key', 'slug', 'handle', 'ref', 'hash', 'token'])
const nameWords = new Set(['name', 'title', 'label'])
/** Words of titles of forms, which are hardly part of a person's name. */
const titleWords = new Set([
  ...['form', 'contact', 'us', 'quote', 'request', 'demo', 'newsletter', 'signup', 'sign', 'subscribe', 'subscription'],
  ...[
    'registration',
    'register',
    'enquiry',
    'inquiry',
    'landing',
    'page',
    'campaign',
    'sale',
    'offer',
    'download',
    'webinar',
  ],
  ...[
    'survey',
    'feedback',
    'application',
    'booking',
    'appointment',
    'lead',
    'support',
    'website',
    'kontakt',
    'formular',
  ],
  ...['anfrage', 'anmeldung', 'contacto', 'contato', 'formulario', 'formulaire', 'inscription', 'devis', 'iscrizione'],
])

/** Returns the containers beside a form that has an id and no name of its own, joined. */
function besideNamelessForms(findings: readonly Finding[]): ReadonlySet<string> {
  const [described, named] = [new Map<string, readonly string[]>(), new Set<string>()]
  for (const finding of findings) {
    const { container } = finding
    if (!formWords.has(joinWords(labelOf(container.at(-1) ?? '').words))) continue
    const word = ownWords(finding).at(-1) ?? ''
    if (idWords.has(word)) described.set(joinPlace(container), container)
    if (nameWords.has(word)) named.add(joinPlace(container))
  }
  const nameless = [...described].filter(([form]) => !named.has(form))
  return new Set(nameless.map(([, container]) => joinPlace(container.slice(0, -1))))
}

/** Returns whether a title stands as `name` beside a form without one: tools send the form's name there. */
function namesForm(finding: Finding, besideForms: ReadonlySet<string>): boolean {
  if (besideForms.size === 0 || finding.field !== undefined || joinWords(ownWords(finding)) !== 'name') return false
  return besideForms.has(joinPlace(finding.container)) && wordsOf(lineOf(finding)).some((word) => titleWords.has(word))
}

function joinPlace(container: readonly string[]): string {
  return container.join('\u0000')
}

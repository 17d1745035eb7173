import { wordsOf } from '../../platform/text/words.ts'

/** Words before the one that names the field: `What is your e-mail address, please?`. */
const fillers = wordSet(`
  what whats is s are your youre my the a an and please enter type provide tell give us me in here add insert
  can could may we have get know confirm repeat verify again re required optional mandatory field
  ihre ihr ihren dein deine deinen die der das den bitte eingeben angeben wie lautet ist pflichtfeld wiederholen bestatigen
  votre vos ton ta quel quelle est le la les l de du obligatoire saisir confirmer confirmez
  tu su cual es el introduce escribe ingresa obligatorio confirma confirmar
  il tuo la tua il suo seu sua qual e o inserisci conferma uw jouw je wat twoj twoja
`)

/** Words for the lead before a field: `Lead e-mail`, `Billing first name`. */
const personPrefixes = wordSet(`
  lead leads contact contacts customer client person prospect subscriber visitor respondent invitee attendee registrant
  applicant booker buyer participant submitter billing primary main personal private kunde kunden client cliente
  contacto kontakt
`)

/** Words after the one that names the field. `type` is none: `email_type` is no address. */
const endings = wordSet(`
  please here again confirm repeat required optional mandatory field is
  bitte eingeben angeben ist pflichtfeld wiederholen bestatigen obligatoire obligatorio
`)

/** Words of the longest label that is looked up; longer ones are questions in prose. */
const maxWords = 14
/** Letters of the longest alias. */
const maxSpelling = 40

/** Returns the spellings of a label that are looked up among the aliases, the most literal one first. */
export function* spellingsOf(text: string, words: readonly string[]): Generator<string> {
  if (words.length > maxWords) return
  yield joinWords(words)
  const plain = hasNotes(text) ? wordsOf(withoutNotes(text)) : words
  if (plain !== words) yield joinWords(plain)
  const core = withoutFillers(plain)
  if (core.length < plain.length) yield joinWords(core)
  if (core.length > 1 && personPrefixes.has(core[0] ?? '')) yield joinWords(core.slice(1))
}

/**
 * Joins words to the spelling of an alias: a leading q with digits (`q3_name`), and a counter of one or two digits at
 * the end, are left out.
 */
export function joinWords(words: readonly string[]): string {
  const joined = words.join('')
  if (joined.length > maxSpelling) return joined
  let start = joined.startsWith('q') ? 1 : 0
  while (start > 0 && isDigit(joined, start)) start++
  if (start === 1 || start === joined.length) start = 0
  let end = joined.length
  while (end > start && isDigit(joined, end - 1)) end--
  return joined.slice(start, end === start || joined.length - end > 2 ? joined.length : end)
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}

function hasNotes(text: string): boolean {
  return /[([【<（［]/.test(text)
}

/** Leaves out what stands in brackets: `E-mail (required)`, `お名前【必須】`. */
function withoutNotes(label: string): string {
  const normal = label.slice(0, 400).normalize('NFKC')
  const plain = normal.replace(/\([^()]*\)|\[[^[\]]*\]|【[^【】]*】|<[^<>]*>/g, ' ')
  return plain.trim() === '' ? label : plain
}

function withoutFillers(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => !fillers.has(word))
  const end = words.findLastIndex((word) => !endings.has(word))
  return start < 0 ? words : words.slice(start, end + 1)
}

export function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''))
}

import { wordsOf } from '../../platform/text/slug.ts'

/** Words around the one that names the field: `What is your e-mail address, please?`. */
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

/** Longest label that is looked up; longer ones are questions in prose. */
const maxLabelLength = 120

/** Returns the spellings of a label that are looked up among the aliases, the most literal one first. */
export function spellingsOf(label: string): string[] {
  const cut = label.slice(0, maxLabelLength)
  const words = wordsOf(withoutNotes(cut))
  const core = withoutFillers(words)
  return [wordsOf(cut), words, core, withoutPrefix(core)].map(joinWords)
}

/** Joins words to the spelling of an alias: a leading q with digits, and a counter at the end, are left out. */
export function joinWords(words: readonly string[]): string {
  const joined = words.join('')
  const withoutQuestion = joined.replace(/^q\d+/, '')
  const plain = withoutQuestion === '' ? joined : withoutQuestion
  return plain.replace(/(?<=[^\d])\d{1,2}$/, '')
}

/** Leaves out what stands in brackets: `E-mail (required)`, `お名前【必須】`. */
function withoutNotes(label: string): string {
  const plain = label.normalize('NFKC').replace(/\([^()]*\)|\[[^[\]]*\]|【[^【】]*】|<[^<>]*>/g, ' ')
  return plain.trim() === '' ? label : plain
}

function withoutFillers(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => !fillers.has(word))
  const end = words.findLastIndex((word) => !fillers.has(word))
  return start < 0 ? words : words.slice(start, end + 1)
}

function withoutPrefix(words: readonly string[]): readonly string[] {
  const [first = ''] = words
  return words.length > 1 && personPrefixes.has(first) ? words.slice(1) : words
}

export function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''))
}

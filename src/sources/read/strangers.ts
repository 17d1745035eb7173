import { wordsOf } from '../../platform/text/words.ts'
import { wordSet } from './labels.ts'

/** People beside the lead, whose address is never the lead's, not even where the tool marks it as an e-mail. */
const otherPeople = wordSet(`
  organizer organiser organizers organisers host hosts cohost owner owners agent agents assignee assignees assigned
  operator moderator admin admins administrator staff employee rep representative salesperson salesrep seller vendor
  manager supervisor boss chef assistant advisor adviser consultant coach trainer instructor teacher tutor doctor
  provider specialist handler closer setter recruiter interviewer broker realtor dealer publisher author creator editor
  friend friends colleague colleagues coworker referrer referer referee referral referred inviter invited spouse
  emergency guests cc bcc sponsor accountant approver reviewer reporter responsible
  sender recipient recipients replyto noreply membership memberships members actor
  freund freundin kollege kollegin veranstalter gastgeber inhaber besitzer berater betreuer vermittler mitarbeiter
  sachbearbeiter bearbeiter verantwortlicher vorgesetzter empfehler notfallkontakt organisator absender empfanger
  ami amie collegue organisateur hote proprietaire conseiller responsable gestionnaire parrain expediteur destinataire
  amigo amiga colega organizador organizadora anfitrion propietario asesor agente encargado responsavel proprietario
  remitente destinatario organizzatore consulente collega amico mittente organisatie afzender beheerder
`)

/**
 * The same as parts of words: in scripts without spaces, and the stems of words that are inflected or end a compound,
 * such as `Formularbesitzer` and `organizatora`.
 */
const otherPeopleParts = partsPattern([
  ...['veranstalter', 'betreiber', 'inhaber', 'besitzer', 'verkaufer', 'vertriebsmitarbeiter', 'sachbearbeiter'],
  ...['organisator', 'organizator', 'eigenaar', 'arrangor', 'avsandar', 'avsender', 'lahettaj', 'jarjestaj'],
  ...['właściciel', 'nadawc', 'odesílatel', 'felado', 'szervezo', 'expeditor', 'titolare', 'gonderen', 'duzenleyen'],
  ...['pengirim', 'penyelenggara', 'pemilik', 'nguoi gui', 'αποστολέα', 'διοργανωτ', 'отправител', 'организатор'],
  ...['webmaster', 'владел', 'менеджер', 'відправник', 'власник', 'المرسل', 'المنظم', 'המארגן', 'השולח'],
  ...['主催', '担当者', 'ホスト', '紹介', '友人', '友達', '幹事', '送信者', '宛先', '管理者', '上司'],
  ...['主办', '负责人', '推荐人', '朋友', '发件人', '收件人', '管理员', '담당자', '주최자', '추천인', '친구', '관리자'],
])

/** Pairs of words that name somebody else, such as the one in `created_by`; they may also be written as one word. */
const otherPairs = new Set([
  ...['created by', 'assigned to', 'invited by', 'updated by', 'modified by', 'managed by', 'owned by', 'handled by'],
  ...['referred by', 'recommended by', 'reply to', 'sent to', 'send to', 'routed to', 'deliver to', 'mail to'],
  ...['mail from', 'account executive', 'booked with', 'processed by'],
])
const pairStarts = new Set([...otherPairs].map((pair) => pair.split(' ')[0]))
const joinedPairs = new Set(
  [...otherPairs].filter((pair) => /(by|to|from)$/.test(pair)).map((pair) => pair.replace(' ', '')),
)

/** Mailboxes of a site's owner. In a longer label these words may mean anything. */
const mailboxes = wordSet(
  'from to reply notify notification notifications support sales team office store shop site system default calendar',
)
const maxMailboxWords = 3

/** Organisations and parts of a tool, whose address is never the lead's unless it stands within a person. */
const owners = wordSet(`
  company companies organization organisation organizations account workspace site website store shop merchant tenant
  team department location branch office clinic brand business school employer venue calendar app application bot channel
  inbox integration webhook meta
  firma unternehmen empresa entreprise societe azienda 会社 店舗
`)

/** Objects that may have a name of their own. A person's answers may also stand within them. */
const frames = wordSet(`
  form forms page campaign ad adset adgroup project product plan property event template list group
  formular formulaire formulario
`)

const people = wordSet(`
  lead contact customer client person prospect subscriber invitee attendee attendees visitor user respondent registrant
  applicant booker buyer participant submitter traits profile billing payer shopper purchaser patient student guest
  kunde interessent teilnehmer cliente contacto inscrit participante persona personne 顧客
`)

const secondaryWords = wordSet(`
  secondary second other another additional alternative alternate alt backup recovery zweite weitere alternativ
  secondaire autre secundario otro alternativo
`)

/** Returns whether a label names somebody beside the lead. */
export function namesOtherPerson(words: readonly string[]): boolean {
  if (words.some((word, nth) => otherPeople.has(word) || isOtherPair(word, words[nth + 1]))) return true
  return otherPeopleParts.test(words.join(''))
}

/** Returns whether a label names anybody but the lead, or a mailbox of the site. */
export function namesStranger(words: readonly string[]): boolean {
  if (namesOtherPerson(words)) return true
  return words.length <= maxMailboxWords && words.some((word) => mailboxes.has(word))
}

/** Returns whether a label names an address of the lead beside the main one. */
export function namesSecondary(words: readonly string[]): boolean {
  return words.some((word) => secondaryWords.has(word))
}

/** Returns whether the name of an object names an organisation, a place or a part of a tool. */
export function namesOwner(words: readonly string[]): boolean {
  return words.some((word) => owners.has(word))
}

/** Returns whether the name of an object may name a form or the like with a name of its own. */
export function isFrame(words: readonly string[]): boolean {
  return words.some((word) => frames.has(word))
}

/** Returns whether the name of an object names the lead. */
export function namesPerson(words: readonly string[]): boolean {
  return words.some((word) => people.has(word)) && !words.some((word) => owners.has(word) || otherPeople.has(word))
}

function isOtherPair(word: string, next: string | undefined): boolean {
  if (joinedPairs.has(word)) return true
  return next !== undefined && pairStarts.has(word) && otherPairs.has(`${word} ${next}`)
}

/** One pattern takes a fifth of the time that a search for each part takes. Words hold letters and digits only. */
function partsPattern(parts: readonly string[]): RegExp {
  return new RegExp(parts.map((part) => wordsOf(part).join('')).join('|'))
}

import { createHmac } from 'node:crypto'
import { entriesOf, isJsonObject, type JsonObject, type JsonValue, type Payload } from '../../payload.ts'
import { hmac } from '../../verify/hmac.ts'
import { answerOf, assignedField, firstText, listAt, objectAt, type PathPart, textAt, valueAt } from '../answers.ts'
import type {
  Answer,
  AnswerField,
  HandshakeRequest,
  HandshakeResponse,
  Kind,
  KindReading,
  Verification,
} from '../kind.ts'
import { joinedId, metadataOf } from '../people-answers.ts'

/** LinkedIn's predefined questions. */
const fieldsByQuestion: Readonly<Record<string, AnswerField>> = {
  EMAIL: 'email',
  WORK_EMAIL: 'email',
  FIRST_NAME: 'first_name',
  LAST_NAME: 'last_name',
  PHONE_NUMBER: 'phone',
  WORK_PHONE_NUMBER: 'phone',
  COMPANY_NAME: 'company',
}

const signature = {
  header: 'x-li-signature',
  algorithm: 'sha256',
  encoding: 'hex',
  signed: 'hmacsha256={body}',
} as const
const bare = hmac(signature)
const prefixed = hmac({ ...signature, prefix: 'hmacsha256=' })

/** The signed text begins with `hmacsha256=`; some senders put the same before the signature. */
const verification: Verification = {
  verify: (request, secret) => bare.verify(request, secret) || prefixed.verify(request, secret),
}

export const linkedin: Kind = {
  name: 'LINKEDIN',
  title: 'LinkedIn Lead Gen Forms',
  recognizes,
  read,
  repeatId: ({ body }) =>
    joinedId(textAt(body, 'leadGenFormResponse') ?? textAt(body, 'id'), textAt(body, 'leadAction') ?? 'CREATED'),
  verification,
  handshake,
  setup: [
    'Set the client secret of your LinkedIn app, which has the **Lead Sync API** product, as the secret of the source.',
    'Create a subscription: `POST https://api.linkedin.com/rest/leadNotifications` with the URL of the source as `webhook`. LinkedIn checks the URL at once and again every two hours.',
    'LinkedIn sends only the id of a lead. Let a relay such as Zapier or Make fetch the lead and forward it with `formResponse` to the same URL; until then the submission is held with the reason `needs_fetch`.',
  ],
  events:
    'A lead with `formResponse` becomes a lead; a notification of a created lead, which has ids only, is held; `leadAction` `DELETED` is ignored.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  if (textAt(body, 'leadGenFormResponse')?.startsWith('urn:li:') || textAt(body, 'type') === 'LEAD_ACTION') return true
  const isLead = entriesOf(body).some(
    ([, value]) => typeof value === 'string' && /^urn:li:(versionedL|l)eadGenForm/.test(value),
  )
  return (
    isLead || listAt(body, 'formResponse', 'answers').some((answer) => valueAt(answer, 'answerDetails') !== undefined)
  )
}

function read({ body }: Payload): KindReading {
  const action = textAt(body, 'leadAction') ?? 'CREATED'
  if (action.toUpperCase() === 'DELETED') return { outcome: 'ignored', event: `LEAD_ACTION ${action}` }
  const response = objectAt(body, 'formResponse')
  if (response === undefined) return { outcome: 'needs_fetch', answers: [] }
  const questions = questionsById(body)
  const list = listAt(response, 'answers')
  const predefined = new Set(list.map((answer) => predefinedField(answer, questions)))
  return {
    outcome: body['testLead'] === true ? 'test' : 'lead',
    answers: [
      ...list.flatMap((answer, index) => readAnswer(answer, index, questions, predefined)),
      ...metadataOf(body, [], ['leadType', 'submittedAt', 'versionedLeadGenFormUrn']),
    ],
  }
}

/** Returns the form's questions where the relay has fetched the form too. */
function questionsById(body: JsonObject): ReadonlyMap<string, JsonObject> {
  const lists = [
    listAt(body, 'form', 'content', 'questions'),
    listAt(body, 'form', 'questions'),
    listAt(body, 'questions'),
  ]
  const questions = new Map<string, JsonObject>()
  for (const question of lists.flat()) {
    const id = textAt(question, 'questionId')
    if (id !== undefined && isJsonObject(question)) questions.set(id, question)
  }
  return questions
}

function predefinedField(answer: JsonValue, questions: ReadonlyMap<string, JsonObject>): string {
  const name = textAt(answer, 'predefinedField') ?? textAt(questionOf(answer, questions), 'predefinedField') ?? ''
  return name.toUpperCase()
}

function questionOf(answer: JsonValue, questions: ReadonlyMap<string, JsonObject>): JsonObject | undefined {
  return questions.get(textAt(answer, 'questionId') ?? '')
}

function readAnswer(
  answer: JsonValue,
  index: number,
  questions: ReadonlyMap<string, JsonObject>,
  all: ReadonlySet<string>,
): Answer[] {
  const question = questionOf(answer, questions)
  const [parts, value] = answerValue(answer)
  const label =
    firstText(answer, ['question', 'label', 'name', 'predefinedField']) ??
    textAt(question, 'question', 'localized', 'en_US') ??
    firstText(question, ['question', 'label', 'name', 'predefinedField']) ??
    `question ${textAt(answer, 'questionId') ?? index + 1}`
  return answerOf(
    ['formResponse', 'answers', index, ...parts],
    label,
    value,
    fieldOf(predefinedField(answer, questions), all),
  )
}

function answerValue(answer: JsonValue): [readonly PathPart[], JsonValue | undefined] {
  const places = [
    ['answerDetails', 'textQuestionAnswer', 'answer'],
    ['answerDetails', 'multipleChoiceAnswer', 'options'],
    ['answer'],
    ['value'],
  ]
  const parts = places.find((place) => valueAt(answer, ...place) !== undefined) ?? []
  return [parts, parts.length === 0 ? undefined : valueAt(answer, ...parts)]
}

/** The work address and phone stand back when the person has given the other one. */
function fieldOf(name: string, all: ReadonlySet<string>): AnswerField | undefined {
  const field = assignedField(fieldsByQuestion, name)
  return name.startsWith('WORK_') && all.has(name.slice('WORK_'.length)) ? 'metadata' : field
}

/**
 * Returns the HMAC of LinkedIn's challenge with the newest secret. Anyone can ask for it, so a challenge must not be
 * a text that LinkedIn would sign: those begin with `hmacsha256=`. LinkedIn's are UUIDs.
 */
function handshake({ method, query, secrets }: HandshakeRequest): HandshakeResponse | undefined {
  const challengeCode = query.get('challengeCode')
  if (method === 'POST' || challengeCode === null) return undefined
  const [secret] = secrets
  if (secret === undefined || !/^[\w-]{1,128}$/.test(challengeCode)) {
    return { status: 403, type: 'application/json', body: JSON.stringify({ challengeCode: null }) }
  }
  const challengeResponse = createHmac('sha256', secret).update(challengeCode).digest('hex')
  return { status: 200, type: 'application/json', body: JSON.stringify({ challengeCode, challengeResponse }) }
}

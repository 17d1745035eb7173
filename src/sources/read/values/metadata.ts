import { slugOf } from '../../../platform/text/slug.ts'
import { trimInvisible } from '../../../platform/text/visible-text.ts'
import { wordsOf } from '../../../platform/text/words.ts'
import type { JsonValue } from '../../payload.ts'
import { cutText, textOf } from '../../value-text.ts'

export type MetadataValue = string | number | boolean

const maxKeys = 50
const maxTextLength = 5000
const maxUrlLength = 2048
const urlKeys = new Set(['landing_page', 'referrer', 'page_url', 'first_landing_page', 'first_referrer'])
/** Labels that are made into keys before further values are left to the raw payload. */
const maxLabels = 150
/** Times that one key is given before further values are left to the raw payload. */
const maxSameKey = 20

/** Key of a value whose label has neither letters nor digits, as at `POST /capture`. */
const unnamedKey = 'field'

/** Spellings of tokens against robots and forgery, and of keys that are secrets of the tool. */
const droppedSpellings = new Set([
  ...['grecaptcharesponse', 'hcaptcharesponse', 'cfturnstileresponse', 'recaptcharesponse', 'recaptchatoken'],
  ...['captcha', 'captchatoken', 'captcharesponse', 'turnstileresponse', 'turnstiletoken', 'frccaptchasolution'],
  ...['frccaptcharesponse', 'altcha', 'authenticitytoken', 'wpnonce', 'nonce', 'requestverificationtoken', 'googlekey'],
  ...['hcaptchatoken', 'smarttoken', 'antiforgerytoken'],
])

/** Keys of common questions in other scripts, which have no slug that says anything. */
const translatedKeys = new Map(
  Object.entries({
    message:
      'メッセージ,お問い合わせ内容,お問合せ内容,ご質問,内容,留言,消息,信息,咨询内容,메시지,문의 내용,문의내용,сообщение,комментарий,الرسالة,הודעה,संदेश',
    subject: '件名,主题,제목,тема,الموضوع,נושא',
    job_title: '役職,职位,직책,должность',
    address: '住所,ご住所,地址,주소,адрес',
    website: 'ウェブサイト,网站,웹사이트,сайт',
  }).flatMap(([key, labels]) => labels.split(',').map((label) => [wordsOf(label).join(''), key] as const)),
)

/** Returns whether a label names a token against robots or forgery, which is stored nowhere but in the raw payload. */
export function isDropped(label: string): boolean {
  const spelling = label
    .slice(0, 80)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
  return droppedSpellings.has(spelling) || spelling.startsWith('csrf') || spelling.startsWith('xsrf')
}

/** Collects metadata within its limits: what does not fit is left out and never refuses a lead. */
export class MetadataCollector {
  readonly #values = new Map<string, MetadataValue>()
  #labels = 0

  /** Adds a value under the slug of a label. */
  addLabelled(label: string, value: JsonValue): void {
    if (this.isFull) return
    this.#labels++
    this.add(translatedKeys.get(wordsOf(label).join('')) ?? slugOf(label) ?? unnamedKey, value)
  }

  /** Adds a value under a key; under `key_2` and so on when the key has another value already. */
  add(key: string, value: JsonValue): void {
    const stored = storedValue(key, value)
    if (stored === undefined) return
    for (let nth = 1; nth <= maxSameKey; nth++) {
      const numbered = nth === 1 ? key : `${key.slice(0, 60)}_${nth}`
      const present = this.#values.get(numbered)
      if (present === undefined && !this.isFull) this.#values.set(numbered, stored)
      if (present === undefined || String(present) === String(stored)) return
    }
  }

  has(key: string): boolean {
    return this.#values.has(key)
  }

  get isFull(): boolean {
    return this.#values.size >= maxKeys || this.#labels >= maxLabels
  }

  toObject(): Record<string, MetadataValue> {
    return Object.fromEntries(this.#values)
  }
}

/** Returns a value as metadata hold it; undefined for a blank one. */
function storedValue(key: string, value: JsonValue): MetadataValue | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  const text = trimInvisible(cutText(textOf(value), urlKeys.has(key) ? maxUrlLength : maxTextLength))
  return text === '' ? undefined : text
}

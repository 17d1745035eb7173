import { invalidEncoding } from './utf8.ts'

/** PostgreSQL stores neither U+0000 nor lone surrogates. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000')
}

/** @throws AppError `invalid_encoding` */
export function checkText(text: string): void {
  if (!isStorableText(text)) throw invalidEncoding()
}

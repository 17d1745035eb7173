import { AppError } from '../errors.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Decodes bytes as UTF-8. @throws AppError `invalid_encoding` */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw invalidEncoding()
  }
}

export function invalidEncoding(message = 'Text must be UTF-8 without U+0000 and without lone surrogates.'): AppError {
  return new AppError('invalid_encoding', message)
}

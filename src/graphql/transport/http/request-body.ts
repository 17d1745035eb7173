import type { IncomingMessage } from 'node:http'
import { AppError } from '../../../platform/errors.ts'
import { quoteLongNumbers } from '../../../platform/text/long-numbers.ts'
import { decodeUtf8 } from '../../../platform/text/utf8.ts'

const maxBytes = 256 * 1024

/**
 * The text of a POST's body, whose integers beyond 2^53 are strings of their digits: Yoga's parser would round them.
 * @throws AppError `unsupported_media_type`, `unsupported_encoding`, `body_too_large`, `invalid_encoding`
 */
export async function readBody(req: IncomingMessage): Promise<string> {
  checkType(req)
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of req) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return quoteLongNumbers(decodeUtf8(Buffer.concat(chunks)))
}

/** JSON alone: what a form of another site can send is refused, so nobody is made to mutate unawares. */
function checkType({ headers }: IncomingMessage): void {
  const [type, ...parameters] = (headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.replace(/^charset="?|"$/g, '')
  if (type !== 'application/json' || (charset !== undefined && charset !== 'utf-8'))
    throw new AppError('unsupported_media_type', 'Operations are sent as application/json in UTF-8.')
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new AppError('unsupported_encoding', 'A body without Content-Encoding is expected.')
}

function tooLarge(): AppError {
  return new AppError('body_too_large', `A body of at most ${maxBytes} bytes is expected.`)
}

import type { FastifyRequest } from 'fastify'
import { AppError } from '../../../platform/errors.ts'
import { quoteLongNumbers } from '../../../platform/text/long-numbers.ts'
import { decodeUtf8 } from '../../../platform/text/utf8.ts'
import { graphqlPath } from '../../../server/mounted-graphql.ts'
import { bytesOf } from '../../../server/request/body.ts'

/**
 * Returns a request as Yoga reads it. Its integers beyond 2^53 are strings of their digits: Yoga's parser would round
 * them. @throws AppError `invalid_json`, `invalid_encoding`
 */
export function yogaRequestOf(request: FastifyRequest) {
  const { method } = request
  const url = new URL(request.url, `http://${request.requestOrigin.host}`)
  url.pathname = graphqlPath // The router has decoded it; Yoga would not.
  if (method === 'GET') readParameters(url)
  const body = method === 'POST' ? bodyTextOf(request) : null
  return { url: url.href, init: { method, headers: headersOf(request), body } }
}

/** Returns the body; integers beyond 2^53 are strings of their digits. @throws AppError `invalid_encoding` */
export function bodyTextOf(request: FastifyRequest): string {
  return quoteLongNumbers(decodeUtf8(bytesOf(request)))
}

/** Checks the parameters that hold JSON: Yoga treats malformed ones as an internal error. @throws AppError `invalid_json` */
function readParameters({ searchParams }: URL): void {
  for (const name of ['variables', 'extensions'])
    if (searchParams.getAll(name).some((text) => text !== '' && !isJson(text)))
      throw new AppError('invalid_json', `The parameter ${name} is not valid JSON.`)
  const variables = searchParams.get('variables') ?? ''
  const quoted = quoteLongNumbers(variables)
  if (quoted !== variables) searchParams.set('variables', quoted)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Yoga knows one spelling of the media type, which is checked before the body is read. */
function headersOf({ headers }: FastifyRequest): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ])
  const sent = Object.fromEntries(entries.filter(([, value]) => value !== undefined))
  return { ...sent, ...('content-type' in sent && { 'content-type': 'application/json' }) }
}

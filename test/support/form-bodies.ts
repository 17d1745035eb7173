import type { Sent } from './http-client.ts'

const boundary = '----rex-test-boundary'

export type Fields = Readonly<Record<string, string>>
export type Post = Pick<Sent, 'body'> & { readonly headers: Readonly<Record<string, string>> }

/** The same fields in every format that a capture may come in. */
export const everyFormat: readonly (readonly [name: string, (fields: Fields) => Post])[] = [
  ['JSON', (fields) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) })],
  ['a beacon', (fields) => ({ headers: { 'content-type': 'text/plain;charset=UTF-8' }, body: JSON.stringify(fields) })],
  ['a urlencoded form', (fields) => urlencoded(new URLSearchParams(fields).toString())],
  ['a multipart form', (fields) => multipart(...Object.entries(fields).map(([name, value]) => part(name, value)))],
]

/** As a form without an enctype is sent. */
export function urlencoded(body: string | Buffer, parameters = ''): Post {
  return { headers: { 'content-type': `application/x-www-form-urlencoded${parameters}` }, body }
}

/** As a form with `enctype="multipart/form-data"` is sent. */
export function multipart(...parts: readonly (string | Buffer)[]): Post {
  const framed = parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n`), Buffer.from(part), Buffer.from('\r\n')])
  return multipartOf(Buffer.concat([...framed, Buffer.from(`--${boundary}--\r\n`)]))
}

/** Bytes that are called multipart, whatever they are. */
export function multipartOf(body: string | Buffer, parameters = `; boundary=${boundary}`): Post {
  return { headers: { 'content-type': `multipart/form-data${parameters}` }, body }
}

/** One part of a multipart body: a field. */
export function part(name: string, value: string, ...headers: readonly string[]): string {
  return [`Content-Disposition: form-data; name="${name}"`, ...headers, '', value].join('\r\n')
}

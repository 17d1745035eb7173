import { canary, canaryKey, email, type Input, type Row, refused, taken, tooLarge } from './row.ts'

const badHost = refused(400, 'bad_host', 'One Host header with a host name, and a path as the target, are expected.')
const noPath = refused(400, 'bad_host', 'A path as the target is expected.')
const bad = refused(400, 'bad_request', 'This is not a well-formed HTTP request.')
const wrongMethod = {
  ...refused(405, 'method_not_allowed', 'This address takes OPTIONS, POST.'),
  allow: 'OPTIONS, POST',
}

const body = JSON.stringify({ email })
const target = `/capture?api_key=${canaryKey}`
const length = `Content-Length: ${body.length}`
const lines = (...all: readonly string[]) => all.join('\r\n')
const raw = (...pieces: readonly (string | Buffer)[]): Input => ({ raw: pieces })
/** A whole capture with these headers. */
const post = (...headers: readonly string[]) => postOf(body, ...headers)
const postOf = (sent: string, ...headers: readonly string[]) =>
  raw(lines(`POST ${target} HTTP/1.1`, ...headers, 'Content-Type: application/json', 'Connection: close', '', sent))
const host = 'Host: localhost'
const chunked = (...chunks: readonly string[]) => postOf(chunks.join(''), host, 'Transfer-Encoding: chunked')
const chunk = `${body.length.toString(16)}\r\n${body}\r\n`
const first = (line: string) => raw(lines(line, host, length, 'Content-Type: application/json', '', body))
const upgrade = (path: string, ...headers: readonly string[]) =>
  raw(
    lines(
      `GET ${path} HTTP/1.1`,
      ...headers,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      `X-Api-Key: ${canaryKey}`,
      '',
      '',
    ),
  )

/** Requests by the byte: what no client of ours would send. */
export const rawRows: readonly Row[] = [
  ['a whole request by hand', post(host, length), taken()],
  [
    'a body in two chunks',
    chunked('1\r\n{\r\n', `${(body.length - 1).toString(16)}\r\n${body.slice(1)}\r\n`, '0\r\n\r\n'),
    taken(),
  ],
  ['a trailer after the chunks', chunked(chunk, `0\r\nX-Api-Key: ${canaryKey}\r\n\r\n`), taken()],
  ['an extension of a chunk', chunked(chunk.replace('\r\n', ';a=b\r\n'), '0\r\n\r\n'), taken()],
  [
    'extensions of a chunk of 20 KB',
    chunked(chunk.replace('\r\n', `;${canary.repeat(3500)}\r\n`), '0\r\n\r\n'),
    tooLarge,
  ],
  ['a chunk whose size is none', chunked(`${canary}\r\n${body}\r\n0\r\n\r\n`), bad],
  ['a chunk whose size is negative', chunked(`-1\r\n${body}\r\n0\r\n\r\n`), bad],
  ['a chunk whose size is beyond all numbers', chunked(`${'f'.repeat(17)}\r\n${body}`), bad],
  ['a chunk that is longer than it says', chunked(`2\r\n${body}\r\n0\r\n\r\n`), bad],
  ['no Host', post(length), badHost],
  ['two Hosts', post(host, host, length), badHost],
  ['two Hosts that differ', post(host, 'host: acme.localhost', length), badHost],
  ['a Host of HTTP/1.0 that is missing', raw(`POST ${target} HTTP/1.0\r\n${length}\r\n\r\n${body}`), badHost],
  ['an absolute target', first(`POST http://localhost${target} HTTP/1.1`), badHost],
  ['the target *', first('OPTIONS * HTTP/1.1'), badHost],
  ['a target without a slash', first('POST capture HTTP/1.1'), noPath],
  ['a target with user info', first(`POST ${email}/capture HTTP/1.1`), noPath],
  ['an authority as the target', raw(lines(`CONNECT ${email}:80 HTTP/1.1`, host, '', '')), noPath],
  [
    'a name as the target',
    raw(lines('CONNECT localhost:80 HTTP/1.1', host, `X-Api-Key: ${canaryKey}`, '', '')),
    noPath,
  ],
  ['an upgrade with two Hosts', upgrade('/graphql', host, host), badHost],
  ['an upgrade with an absolute target', upgrade('http://localhost/graphql', host), badHost],
  ['an upgrade at /capture, which is ignored', upgrade(target, host, 'Connection: close'), wrongMethod],
  ['no HTTP at all', raw(`hello ${email}\r\n\r\n`), bad],
  ['nothing but line breaks and a word', raw(`\r\n\r\n${canary}\r\n\r\n`), bad],
  ['a TLS greeting', raw(Buffer.from([0x16, 3, 1, 0, 0xa5, 1, 0, 0, 0xa1, 3, 3]), canary), bad],
  ['the preface of HTTP/2', raw(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${email}`), bad],
  ['HTTP of the first day', raw(`GET /${email}\r\n\r\n`), badHost],
  ['a version that there is not', first(`POST ${target} HTTP/9.9`), bad],
  ['a method that there is not', first(`CANARY ${target} HTTP/1.1`), bad],
  ['a method in small letters', first(`post ${target} HTTP/1.1`), bad],
  ['a space in the target', first(`POST /capture ${email} HTTP/1.1`), bad],
  ['a control character in the target', first(`POST /capture\u0001${canary} HTTP/1.1`), noPath],
  ['a target of 20 KB', first(`POST /${canary.repeat(3500)} HTTP/1.1`), bad],
  ['headers of 20 KB', post(host, length, `X: ${canary.repeat(3500)}`), bad],
  ['a header without a name', post(host, length, `: ${email}`), bad],
  ['a header without a colon', post(host, length, canary), bad],
  ['a space before a colon', post(host, `${length}`, `X-Api-Key : ${canaryKey}`), bad],
  ['a folded header', post(host, length, 'X: a', ` ${canary}`), bad],
  ['NUL in a header', post(host, length, `X: ${canary}\u0000`), bad],
  ['a bare carriage return in a header', post(host, length, `X: ${canary}\rY: b`), bad],
  ['lines that end in a line feed', raw(`POST ${target} HTTP/1.1\n${host}\n${length}\n\n${body}`), bad],
  ['two lengths', post(host, length, 'Content-Length: 1'), bad],
  ['the same length twice', post(host, length, length), bad],
  ['a negative length', post(host, 'Content-Length: -1'), bad],
  ['a length with a sign', post(host, `Content-Length: +${body.length}`), bad],
  ['a length in hexadecimal', post(host, 'Content-Length: 0x1f'), bad],
  ['a length beyond all numbers', post(host, `Content-Length: ${'9'.repeat(30)}`), bad],
  ['a length of a gigabyte', post(host, 'Content-Length: 1000000000'), tooLarge],
  ['a length and chunks', post(host, length, 'Transfer-Encoding: chunked'), bad],
  ['chunks and a length', post(host, 'Transfer-Encoding: chunked', length), bad],
  ['chunks that are not the last coding', post(host, 'Transfer-Encoding: chunked, gzip'), bad],
  ['a coding that nobody knows', post(host, `Transfer-Encoding: ${canary}`), bad],
  ['a coding behind a tab', post(host, length, 'Transfer-Encoding:\tchunked'), bad],
]

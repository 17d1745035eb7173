import { multipart, multipartOf, part, urlencoded } from '../../support/form-bodies.ts'
import type { Sent } from '../../support/http-client.ts'
import {
  canary,
  type Expected,
  email,
  emailIsMissing,
  keyIsNone,
  many,
  notInUtf8,
  notText,
  once,
  type Row,
  refused,
  taken,
  thanks,
  tooLarge,
  tooLong,
  wrongFields,
} from './row.ts'

const form = (fields: string) => urlencoded(`email=${email}&${fields}`)
const noEscape = refused(400, 'invalid_encoding', 'Percent escapes must be two hexadecimal digits and stand for UTF-8.')
const many48 = many(48, '1') as Record<string, string>
const noKey = wrongFields(keyIsNone)
const noMetadata = wrongFields(['metadata', 'an object is expected'])
const stored = (metadata: Readonly<Record<string, unknown>>) => taken({}, { metadata })

export const urlencodedRows: readonly Row[] = [
  ['a form', form('first_name=Jane'), taken({ first_name: 'Jane' })],
  [
    'plus signs and escapes',
    form('first_name=Mary+Ann%21&last_name=Zo%C3%AB'),
    taken({ first_name: 'Mary Ann!', last_name: 'Zoë' }),
  ],
  ['metadata in brackets, escaped too', form('metadata[a]=1&metadata%5Bb%5D=2'), stored({ a: '1', b: '2' })],
  ['numbers and booleans, which stay text', form('n=50&b=true'), stored({ n: '50', b: 'true' })],
  ['an equals sign in a value', form('a=b=c'), stored({ a: 'b=c' })],
  ['semicolons, which part nothing', form('a=1;b=2'), stored({ a: '1;b=2' })],
  ['empty pairs', form('&&a=1&'), stored({ a: '1' })],
  ['an empty form', urlencoded(''), wrongFields(emailIsMissing)],
  ['a form without an e-mail', urlencoded(`first_name=${canary}`), wrongFields(emailIsMissing)],
  ['JSON that is called a form', urlencoded(`{"email":"${email}"}`), wrongFields(emailIsMissing)],
  ['an escape of no digits', form('a=%zz'), noEscape],
  ['half an escape at the end', form('a=%4'), noEscape],
  ['an escape that is not UTF-8', form('a=%ff'), noEscape],
  ['an overlong escape', form('a=%c0%80'), noEscape],
  ['a surrogate in escapes', form('a=%ed%a0%80'), noEscape],
  ['an old escape of Unicode', form('a=%u0041'), noEscape],
  ['a broken escape in a name', form('%=1'), noEscape],
  ['%00 in a value', form('a=%00'), notText],
  ['%00 in a name', form('a%00=1'), notText],
  ['bytes that are not UTF-8', urlencoded(Buffer.from(`email=${email}&a=\xff`, 'latin1')), notText],
  ['a form in Latin-1', urlencoded(`email=${email}`, '; charset=iso-8859-1'), notInUtf8],
  ['an e-mail given twice', form(`email=${email}`), taken()],
  ['two e-mails', form('email=other@example.com'), wrongFields(once('email'))],
  ['a field given twice', form('a=1&a=2'), stored({ a: '1, 2' })],
  [
    'two fields given twice',
    form('first_name=a&first_name=b&source=x&source=y'),
    wrongFields(once('first_name'), once('source')),
  ],
  [
    'names and a source given twice, the same once they are lines',
    form('first_name=Jane&first_name=Jane+&last_name=Doe%07&last_name=Doe&source=a%0d%0ab&source=a+b'),
    taken({ first_name: 'Jane', last_name: 'Doe', source: 'a b' }),
  ],
  ['a name given twice, once invisible', form('first_name=%07&first_name=Jane'), taken({ first_name: 'Jane' })],
  ['an e-mail given twice, once in wide letters', form('email=%EF%BD%83anary@example.com'), wrongFields(once('email'))],
  ['an e-mail given twice, its domain spelled otherwise', form('email=canary@EXAMPLE%E3%80%82com+'), taken()],
  ['a key of metadata given twice', form('metadata[a]=1&metadata%5Ba%5D=2'), stored({ a: '1, 2' })],
  ['a control field given twice', form('_t=1&_t=2'), wrongFields(once(''))],
  ['a list of two', form(`${canary}[]=1&${canary}[]=2`), stored({ [canary]: '1, 2' })],
  ['a list', form('a[]=1'), stored({ a: '1' })],
  ['an e-mail as a list', urlencoded(`email[]=${email}`), taken()],
  ['nested brackets', form('metadata[a][b]=1'), stored({ a_b: '1' })],
  ['brackets without a name', form('metadata[]=1'), stored({ metadata: '1' })],
  ['brackets that do not close', form('metadata[a=1'), stored({ metadata_a: '1' })],
  ['a field without a name', form('=1'), stored({ field: '1' })],
  ['metadata as text', form(`metadata=${canary}`), noMetadata],
  ['metadata as text and in brackets', form('metadata[a]=1&metadata=1'), noMetadata],
  ['__proto__ in a form', form('__proto__=1'), noKey],
  ['__proto__ with brackets', form('__proto__[stage]=customer'), noKey],
  ['__proto__ in brackets', form('metadata[__proto__]=1'), noKey],
  ['constructor in a field that is ignored', form('workspace[constructor]=1'), noKey],
  ['__proto__ in a token, which is dropped in a form', form('csrf[__proto__]=1'), noKey],
  ['__proto__ below 20 brackets', form(`a${'[b]'.repeat(20)}[__proto__]=1`), noKey],
  ['__proto__ in a nested token', form('form[csrf_token][__proto__]=1'), noKey],
  ['__proto__ in escapes', form('%5f%5fproto%5f%5f[a]=1'), noKey],
  ['constructor with brackets', form('constructor[prototype][a]=1'), noKey],
  ['101 fields', form(Array.from({ length: 100 }, (_, nth) => `k${nth}=`).join('&')), taken()],
  [
    '52 keys, of which the first 50 count, digits and metadata among them',
    form(`metadata[z]=1&${new URLSearchParams(many48)}&7=1&metadata[y]=1&1=1`),
    stored({ z: '1', ...many48, field_7: '1' }),
  ],
  ['a name that is too long', form(`first_name=${'x'.repeat(201)}`), wrongFields(tooLong('first_name', 200))],
  ['a form of 100 KB', form(`a=${'x'.repeat(100_000)}`), tooLarge],
]

const malformed = refused(400, 'invalid_encoding', 'The body is not well-formed multipart/form-data of named fields.')
const noBoundary = refused(415, 'unsupported_media_type', 'multipart/form-data needs a boundary.')
const own = part('email', email)
const parted = (disposition: string, value = canary, ...headers: readonly string[]) =>
  [`Content-Disposition: ${disposition}`, ...headers, '', value].join('\r\n')

export const multipartRows: readonly Row[] = [
  ['a multipart form', multipart(own, part('first_name', 'Zoë 🙂')), taken({ first_name: 'Zoë 🙂' })],
  ['metadata in parts', multipart(own, part('metadata[a]', 'b\r\n--c')), stored({ a: 'b\r\n--c' })],
  [
    'a part that says it is UTF-8',
    multipart(own, part('a', 'b', 'Content-Type: text/plain; charset=utf-8')),
    stored({ a: 'b' }),
  ],
  ['a line break before the first part', multipartOf(`\r\n--x\r\n${own}\r\n--x--\r\n`, '; boundary=x'), taken()],
  [
    'a preamble, which holds the boundary in a line',
    multipartOf(`This is --x\r\n--x\r\n${own}\r\n--x--\r\n`, '; boundary=x'),
    taken(),
  ],
  ['a preamble that never ends', multipartOf(`${canary} --x\r\n${own}`, '; boundary=x'), malformed],
  ['no boundary', multipartOf('', ''), noBoundary],
  ['an empty boundary', multipartOf('', '; boundary=""'), noBoundary],
  ['another boundary than was named', multipartOf(`--a\r\n${own}\r\n--a--\r\n`, '; boundary=b'), malformed],
  ['no part', multipart(), wrongFields(emailIsMissing)],
  ['no body', multipartOf(''), wrongFields(emailIsMissing)],
  ['no end', multipartOf(`--x\r\n${own}`, '; boundary=x'), malformed],
  ['a part without a name', multipart(own, parted('form-data')), malformed],
  ['a part without headers', multipart(own, `\r\n${canary}`), malformed],
  ['a part with a header of 5 KB', multipart(own, part('a', 'b', `X: ${'x'.repeat(5000)}`)), malformed],
  ['a name that is not UTF-8', multipart(own, Buffer.from(part('\xff', canary), 'latin1')), malformed],
  ['a value that is not UTF-8', multipart(own, Buffer.from(part('a', '\xff'), 'latin1')), notText],
  ['U+0000 in a part', multipart(own, part('a', '\u0000')), notText],
  ['a file', multipart(own, parted('form-data; name="a"; filename="a.txt"')), stored({ a: 'a.txt' })],
  ['a file without a name', multipart(own, parted('form-data; name="a"; filename=""')), taken()],
  [
    'a file whose name is encoded',
    multipart(own, parted("form-data; name=a; filename*=utf-8''%C3%A4")),
    stored({ a: 'ä' }),
  ],
  ['bytes by their type', multipart(own, part('a', 'b', 'Content-Type: application/octet-stream')), taken()],
  [
    'a part in base64',
    multipart(own, part('a', 'Yg==', 'Content-Transfer-Encoding: base64')),
    refused(415, 'unsupported_encoding', 'Parts must not have a Content-Transfer-Encoding (RFC 7578, 4.7).'),
  ],
  [
    'a part in Latin-1',
    multipart(own, part('a', 'b', 'Content-Type: text/plain; charset=iso-8859-1')),
    refused(415, 'unsupported_media_type', 'Parts must be in UTF-8.'),
  ],
  ['an e-mail in two parts', multipart(own, own), taken()],
  ['__proto__ as a part', multipart(own, part('__proto__', '1')), noKey],
  ['151 parts', multipart(own, ...Array.from({ length: 150 }, (_, nth) => part(`k${nth}`, ''))), taken()],
  [
    'parts whose value nobody takes',
    multipart(own, part('metadata[a]', 'x'.repeat(5001))),
    wrongFields(tooLong('metadata.a', 5000)),
  ],
]

type Post = { readonly headers: Readonly<Record<string, string>>; readonly body?: Sent['body'] }

const browsed = ({ headers, body }: Post): Sent => ({
  headers: { ...headers, accept: 'text/html,*/*;q=0.8' },
  ...(body !== undefined && { body }),
})
const wanting = (target: string) => browsed(form(`_redirect=${encodeURIComponent(target)}`))
const page = (status: number, ...says: readonly string[]): Expected => ({
  kind: 'page',
  status,
  title: 'This was not sent',
  says,
})
const sentOn = (location: string): Expected => ({ kind: 'sent_on', location })

/** The workspace lists https://www.example.com, http://localhost:3000 and http://www.example.com. */
export const redirectRows: readonly Row[] = [
  ['a form by a browser', browsed(form('a=1')), thanks],
  ['a multipart form by a browser', browsed(multipart(own)), thanks],
  [
    'a redirect to an origin of the list',
    wanting('https://www.example.com/a?b#c'),
    sentOn('https://www.example.com/a?b#c'),
  ],
  ['a redirect to localhost', wanting('http://localhost:3000/a'), sentOn('http://localhost:3000/a')],
  ['a redirect in capitals', wanting('HTTPS://WWW.EXAMPLE.COM/A'), sentOn('https://www.example.com/A')],
  [
    'a redirect of SPAM',
    browsed(form('_gotcha=x&_redirect=https://www.example.com/')),
    sentOn('https://www.example.com/'),
  ],
  ['a redirect elsewhere', wanting('https://evil.example/'), thanks],
  ['a redirect over plain http', wanting('http://www.example.com/'), thanks],
  ['a redirect to another port', wanting('https://www.example.com:8443/'), thanks],
  ['a redirect to a name that begins alike', wanting('https://www.example.com.evil.example/'), thanks],
  ['a redirect with user info', wanting('https://www.example.com@evil.example/'), thanks],
  ['a redirect without a scheme', wanting('//www.example.com/'), thanks],
  ['a redirect to a path', wanting('/a'), thanks],
  ['a redirect with a backslash', wanting('https://evil.example\\@www.example.com/'), thanks],
  ['a redirect with a line break', wanting('https://www.example.com/\r\nSet-Cookie: a=b'), thanks],
  ['a redirect with a tab', wanting('https://www.exa\tmple.com/'), thanks],
  ['a redirect to a script', wanting('javascript:alert(1)'), thanks],
  ['a redirect to data', wanting('data:text/html,a'), thanks],
  ['a redirect by a caller who wants JSON', form('_redirect=https://www.example.com/'), taken()],
  [
    'a form that is wrong',
    browsed(form(`source=${'x'.repeat(201)}`)),
    page(422, 'invalid_request', '<strong>source</strong>'),
  ],
  ['a form with a broken escape', browsed(form('a=%zz')), page(400, 'invalid_encoding')],
  ['a form that is too large', browsed(form(`a=${'x'.repeat(100_000)}`)), page(413, 'body_too_large')],
  ['a form with a file', browsed(multipart(own, parted('form-data; name=a; filename=b'))), thanks],
  ['a filled honeypot', form('_gotcha=x'), taken({}, { status: 'SPAM' })],
  ['a token that nobody signed', form(`_t=${canary}`), taken({}, { status: 'HELD' })],
  [
    'a value that is a list of links',
    form('a=http://a.example+http://b.example+http://c.example+http://d.example'),
    taken({}, { status: 'HELD' }),
  ],
  ['a value of an object in JSON that is called a form', form('a={"b":1}'), stored({ a: '{"b":1}' })],
]

import { deflateSync, gzipSync } from 'node:zlib'
import {
  email,
  emailIsMissing,
  encoded,
  json,
  lead,
  noObject,
  noType,
  notInUtf8,
  notJson,
  notText,
  noValue,
  type Row,
  taken,
  tooDeep,
  tooLarge,
  unknownType,
  wrongFields,
} from './row.ts'

const body = JSON.stringify({ email })
const bytes = (...parts: readonly (string | readonly number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([...part]))))
const named = (...name: readonly number[]) => json(bytes(`{"email":"${email}","first_name":"Jane`, name, '"}'))
const typed = (type: string) => json(body, { 'content-type': type })
/** So many bytes of JSON; what fills them is a control field, which no limit of a field meets. */
const sized = (length: number) => {
  const empty = JSON.stringify({ email, _pad: '' })
  return JSON.stringify({ email, _pad: 'x'.repeat(length - empty.length) })
}
/** The outermost object is the first level. */
const levels = (count: number) => `{"email":"${email}","_a":${'{"a":'.repeat(count - 1)}1${'}'.repeat(count)}`

/** JSON as it is spelled, and values that are no lead. */
export const jsonRows: readonly Row[] = [
  ['JSON that ends too early', json(`{"email":"${email}"`), notJson],
  ['two JSON values', json(`${body} {}`), notJson],
  ['an empty body', json(''), notJson],
  ['white space alone', json(' \r\n\t'), notJson],
  ['a trailing comma', json(`{"email":"${email}",}`), notJson],
  ['single quotes', json(`{'email':'${email}'}`), notJson],
  ['a comment', json(`{"email":"${email}"/* a */}`), notJson],
  ['NaN', json(`{"email":"${email}","n":NaN}`), notJson],
  ['Infinity', json(`{"email":"${email}","n":-Infinity}`), notJson],
  ['a number with a leading zero', json(`{"email":"${email}","n":01}`), notJson],
  ['a hexadecimal escape', json(`{"email":"${email}","first_name":"\\x41"}`), notJson],
  ['half an escape', json(`{"email":"${email}","first_name":"\\u12"}`), notJson],
  ['a bare line break in a string', json(`{"email":"${email}","first_name":"a\nb"}`), notJson],
  ['a function that JSON is wrapped in', json(`callback(${body})`), notJson],
  ['a form that is called JSON', json(`email=${email}`), notJson],
  ['XML that is called JSON', json(`<!DOCTYPE a SYSTEM "file:///etc/passwd"><email>${email}</email>`), notJson],
  ['white space around JSON', json(`\r\n\t ${body}\n`), taken()],
  ['an array', json(`[${body}]`), noObject],
  ['a string', json(JSON.stringify(email)), noObject],
  ['a number', json('1e3'), noObject],
  ['a boolean', json('true'), noObject],
  ['null', json('null'), noObject],
  ['an empty object', json('{}'), wrongFields(emailIsMissing)],
  ['a field given twice in JSON, of which the last counts', json(`{"email":"a@example.com",${body.slice(1)}`), taken()],
  ['a number beyond all numbers', json(`{"email":"${email}","n":1e400}`), wrongFields(noValue('metadata.n'))],
  ['numbers of every size', lead({ a: -1.5, b: 1e21, c: 0 }), taken({}, { metadata: { a: -1.5, b: 1e21, c: 0 } })],
  ['16 levels', json(levels(16)), taken()],
  ['17 levels', json(levels(17)), tooDeep],
  ['30,000 levels', json(`{"email":"${email}","a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`), tooDeep],
  ['30,000 levels that are never closed', json(`{"email":"${email}","a":${'['.repeat(30_000)}`), notJson],
]

/** Bytes that are no text, text that no column takes, and what a caller calls it. */
export const encodingRows: readonly Row[] = [
  ['a byte that is not UTF-8', named(0xff), notText],
  ['Latin-1', named(0xe9), notText],
  ['an overlong NUL', named(0xc0, 0x80), notText],
  ['an overlong slash', named(0xe0, 0x80, 0xaf), notText],
  ['a surrogate in UTF-8', named(0xed, 0xa0, 0x80), notText],
  ['a sequence that is cut off', named(0xe2, 0x82), notText],
  ['a code point beyond Unicode', named(0xf4, 0x90, 0x80, 0x80), notText],
  ['UTF-16 with its mark', json(Buffer.from(`\ufeff${body}`, 'utf16le')), notText],
  ['UTF-16 without one', json(Buffer.from(body, 'utf16le')), notText],
  ['UTF-8 with its mark', json(`\ufeff${body}`), taken()],
  ['a bare NUL', named(0), notText],
  ['U+0000 in a value', lead({ first_name: 'Jane\u0000' }), notText],
  ['U+0000 in a key', lead({ 'a\u0000': 1 }), notText],
  ['U+0000 in the e-mail', lead({ email: `${email}\u0000` }), notText],
  ['U+0000 in a field that is never stored', lead({ _t: '\u0000' }), notText],
  ['a lone high surrogate', json(`{"email":"${email}","last_name":"\\ud800"}`), notText],
  ['a lone low surrogate in a key', json(`{"email":"${email}","metadata":{"\\udfff":1}}`), notText],
  ['a pair of surrogates the wrong way round', json(`{"email":"${email}","last_name":"\\udc00\\ud83d"}`), notText],
  ['a pair of surrogates', json(`{"email":"${email}","last_name":"\\ud83d\\ude42"}`), taken({ last_name: '🙂' })],
  ['a noncharacter', lead({ last_name: '\ufffe' }), taken({ last_name: '\ufffe' })],
  ['no Content-Type', { body }, unknownType],
  ['an empty Content-Type', typed(''), noType],
  ['a Content-Type that is none', typed('canary'), noType],
  ['XML', json(`<email>${email}</email>`, { 'content-type': 'application/xml' }), unknownType],
  ['a type of JSON that is not taken', typed('application/problem+json'), unknownType],
  ['a list of Content-Types', typed('application/json, text/plain'), noType],
  ['HTML', typed('text/html'), unknownType],
  ['a type that is named like what objects inherit', typed('constructor/prototype'), unknownType],
  ['a Content-Type in capitals', typed('APPLICATION/JSON'), taken()],
  ['a Content-Type with a parameter that nobody knows', typed('application/json; version=1'), taken()],
  ['a charset that is spelled out', typed('application/json; charset="UTF-8"'), taken()],
  ['a beacon', typed('text/plain;charset=UTF-8'), taken()],
  ['a form that is called text', json(`email=${email}`, { 'content-type': 'text/plain' }), notJson],
  ['Latin-1 by name', typed('application/json; charset=iso-8859-1'), notInUtf8],
  ['UTF-16 by name', typed('application/json; charset=utf-16'), notInUtf8],
  ['UTF-7 by name', typed('text/plain; charset=utf-7'), notInUtf8],
  ['gzip', json(gzipSync(body), { 'content-encoding': 'gzip' }), encoded],
  ['deflate', json(deflateSync(body), { 'content-encoding': 'deflate' }), encoded],
  ['an encoding that nobody knows', json(body, { 'content-encoding': 'canary' }), encoded],
  ['gzip that is not announced', json(gzipSync(body)), notText],
  ['64 KiB to the byte', json(sized(65_536)), taken()],
  ['a byte more than 64 KiB', json(sized(65_537)), tooLarge],
  ['100 KB', lead({ notes: 'x'.repeat(100_000) }), tooLarge],
  ['100 KB in chunks', lead({ notes: 'x'.repeat(100_000) }, { 'transfer-encoding': 'chunked' }), tooLarge],
  ['100 KB of no known type', json('x'.repeat(100_000), { 'content-type': 'a/b' }), tooLarge],
]

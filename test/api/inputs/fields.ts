import {
  canary,
  canaryKey,
  email,
  emailIsMissing,
  emailIsNone,
  type Input,
  json,
  keyIsNone,
  keys,
  lead,
  many,
  noString,
  type Row,
  taken,
  tooLong,
  wrongFields,
} from './row.ts'

const from = (given: unknown): Input => lead({ email: given })
const none = wrongFields(emailIsNone)
const missing = wrongFields(emailIsMissing)
const label = 'd'.repeat(63)
const local = canary.padEnd(64, 'x')
const long = (length: number) => `${canary}@${`${label}.`.repeat(4)}`.slice(0, length - 4).concat('.com')

export const emailRows: readonly Row[] = [
  ['no e-mail', json(`{"first_name":"${canary}"}`), missing],
  ['null as the e-mail', from(null), missing],
  ['an empty e-mail', from(''), missing],
  ['a blank e-mail', from(' \t'), none],
  ['a number as the e-mail', from(1), none],
  ['true as the e-mail', from(true), none],
  ['a list with an e-mail', from([email]), none],
  ['an object as the e-mail', from({ $ne: email }), none],
  ['no @', from('canary.example.com'), none],
  ['two @', from(`canary@canary@example.com`), none],
  ['nothing before the @', from('@example.com'), none],
  ['nothing after the @', from('canary@'), none],
  ['two e-mails with a comma', from(`${email},b@example.com`), none],
  ['two e-mails with a semicolon', from(`${email};b@example.com`), none],
  ['a name with an e-mail', from(`Jane <${email}>`), none],
  ['a mailto link', from(`mailto:${email}`), none],
  ['a quoted local part', from(`"canary"@example.com`), none],
  ['a comment in an e-mail', from('canary(a)@example.com'), none],
  ['a space in an e-mail', from('can ary@example.com'), none],
  ['a line break in an e-mail', from('canary\r\n@example.com'), none],
  ['a header after an e-mail', from(`${email}\r\nBcc: b@example.com`), none],
  ['a Kelvin sign, which folds into a k', from('\u212aanary@example.com'), none],
  ['letters beyond ASCII before the @', from('canäry@example.com'), none],
  ['an override of direction in an e-mail', from('canary\u202e@example.com'), none],
  ['a space of no width in an e-mail', from('canary\u200b@example.com'), none],
  ['65 characters before the @', from(`${local}x@example.com`), none],
  ['255 characters', from(long(255)), none],
  ['a domain without a dot', from('canary@localhost'), none],
  ['a domain that is an address', from('canary@192.0.2.1'), none],
  ['a domain that is an address in brackets', from('canary@[192.0.2.1]'), none],
  ['a domain that ends in a number', from('canary@example.1'), none],
  ['an empty label', from('canary@example..com'), none],
  ['a label that begins with a hyphen', from('canary@-example.com'), none],
  ['a label of 64 characters', from(`canary@${'d'.repeat(64)}.com`), none],
  ['an underscore in a domain', from('canary@exa_mple.com'), none],
  ['a port after the domain', from('canary@example.com:25'), none],
  ['a path after the domain', from('canary@example.com/a'), none],
  ['an escape in a domain', from('canary@example%2ecom'), none],
  ['SQL as the e-mail', from(`canary'; drop table contact; --@example.com`), none],
  ['white space around an e-mail', from(` ${email}\n`), taken()],
  ['an e-mail in capitals', from('Canary@EXAMPLE.com'), taken()],
  ['dots and a tag, which stay', from('c.anary+a.b@example.com'), taken({ email: 'c.anary+a.b@example.com' })],
  ['an apostrophe and signs', from("can'ary!#$%&*@example.com"), taken({ email: "can'ary!#$%&*@example.com" })],
  ['64 characters before the @', from(`${local}@example.com`), taken({ email: `${local}@example.com` })],
  ['254 characters', from(long(254)), taken({ email: long(254) })],
  ['a domain beyond ASCII', from('canary@bücher.example'), taken({ email: 'canary@xn--bcher-kva.example' })],
  ['a domain in wide letters', from('canary@ｅｘａｍｐｌｅ.com'), taken()],
  ['a domain with an ideographic stop', from('canary@example。com'), taken()],
]

export const lineRows: readonly Row[] = [
  [
    'names and a source of other types',
    lead({ first_name: 1, last_name: {}, source: [canary] }),
    wrongFields(noString('first_name'), noString('last_name'), noString('source')),
  ],
  ['a name of 201 characters', lead({ first_name: 'x'.repeat(201) }), wrongFields(tooLong('first_name', 200))],
  [
    'a name of 200 characters of two units each',
    lead({ first_name: '🙂'.repeat(200) }),
    taken({ first_name: '🙂'.repeat(200) }),
  ],
  [
    'a name of 201 characters of two units each',
    lead({ first_name: '🙂'.repeat(201) }),
    wrongFields(tooLong('first_name', 200)),
  ],
  ['a source of 201 characters', lead({ source: 'x'.repeat(201) }), wrongFields(tooLong('source', 200))],
  ['a name of 200 characters', lead({ first_name: 'x'.repeat(200) }), taken({ first_name: 'x'.repeat(200) })],
  ['blank names', lead({ first_name: ' ', last_name: null, source: '' }), taken()],
  ['white space around a name', lead({ first_name: '\u00a0 Jane \n' }), taken({ first_name: 'Jane' })],
  ['a line break in a name', lead({ first_name: 'Jane\r\nDoe' }), taken({ first_name: 'Jane Doe' })],
  [
    'control characters in a name',
    lead({ first_name: 'J\u001b[31ma\u0007ne\u009b' }),
    taken({ first_name: 'J[31mane' }),
  ],
  ['a name that is control characters', lead({ first_name: '\u0001\u007f' }), taken()],
  ['overrides of direction in a name', lead({ last_name: '\u202eeoD\u2066' }), taken({ last_name: 'eoD' })],
  ['a name from right to left', lead({ last_name: 'יעקב' }), taken({ last_name: 'יעקב' })],
  ['joined and combined letters', lead({ last_name: '👩‍👩‍👧 e\u0301' }), taken({ last_name: '👩‍👩‍👧 \u00e9' })],
  ['HTML in a name', lead({ first_name: '<b onload=a()>' }), taken({ first_name: '<b onload=a()>' })],
  ['a script in a name', lead({ first_name: '<script>a()</script>' }), taken({ first_name: '<script>a()</script>' })],
  [
    'SQL in a name',
    lead({ first_name: "'; drop table contact; --" }),
    taken({ first_name: "'; drop table contact; --" }),
  ],
  ['a template in a name', lead({ first_name: '{{7*7}}#{7*7}' }), taken({ first_name: '{{7*7}}#{7*7}' })],
  ['a formula in a name', lead({ first_name: '=HYPERLINK("a")' }), taken({ first_name: '=HYPERLINK("a")' })],
  ['a pattern in a name', lead({ first_name: '%_\\' }), taken({ first_name: '%_\\' })],
]

const stored = (metadata: Readonly<Record<string, unknown>>) => taken({}, { metadata })
const withMetadata = (metadata: unknown) => lead({ metadata })
const spelled = (fields: string) => json(`{"email":"${email}",${fields}}`)
const noMetadata = wrongFields(['metadata', 'an object is expected'])
const noKey = wrongFields(keyIsNone)

export const metadataRows: readonly Row[] = [
  ['metadata that are a list', withMetadata([canary]), noMetadata],
  ['metadata that are text', withMetadata(canary), noMetadata],
  ['metadata that are a number', withMetadata(1), noMetadata],
  ['metadata that are null', withMetadata(null), taken()],
  ['a value that is an object', withMetadata({ a: { b: canary } }), stored({ a_b: canary })],
  ['a value that is a list', lead({ a: [canary, 7, null, [true]] }), stored({ a: `${canary}, 7, true` })],
  [
    'values of every type',
    withMetadata({ a: 1, b: false, c: 'x', d: null, e: ' ' }),
    stored({ a: 1, b: false, c: 'x' }),
  ],
  ['51 keys, of which the first 50 count', withMetadata(many(51)), stored(many(50))],
  ['51 keys in two places', lead({ a: 1, metadata: many(50) }), stored({ a: 1, ...many(49) })],
  ['51 keys, of which those in metadata came first', lead({ metadata: many(50), zz: 1 }), stored(many(50))],
  [
    '51 keys, of which one in metadata came first',
    lead({ metadata: { a: 1 }, ...many(50) }),
    stored({ a: 1, ...many(49) }),
  ],
  ['50 keys', withMetadata(many(50)), stored(many(50))],
  ['101 fields', lead(many(100, null)), taken()],
  ['100 fields', lead(many(99, null)), taken()],
  ['an empty key', withMetadata({ '': 1 }), stored({ field: 1 })],
  ['a key that begins with a digit', withMetadata({ '1a': 1 }), stored({ field_1a: 1 })],
  ['a key with a space', lead({ 'a b': 1 }), stored({ a_b: 1 })],
  ['a key beyond ASCII', withMetadata({ ä: 1 }), stored({ a: 1 })],
  ['a key of a query language', withMetadata({ $where: canary }), stored({ where: canary })],
  ['a key of 65 characters, which is cut', withMetadata({ ['k'.repeat(65)]: 1 }), stored({ ['k'.repeat(64)]: 1 })],
  ['a key of 64 characters', withMetadata({ ['K'.repeat(64)]: 1 }), stored({ ['K'.repeat(64)]: 1 })],
  ['every sign that a key takes', withMetadata({ 'a.B-c_9': 1 }), stored({ 'a.B-c_9': 1 })],
  ['a value of 5,001 characters', withMetadata({ a: 'x'.repeat(5001) }), wrongFields(tooLong('metadata.a', 5000))],
  ['a value of 5,000 characters', withMetadata({ a: 'x'.repeat(5000) }), stored({ a: 'x'.repeat(5000) })],
  [
    'a page of 2,049 characters',
    lead({ landing_page: 'x'.repeat(2049) }),
    wrongFields(tooLong('metadata.landing_page', 2048)),
  ],
  ['a page of 2,048 characters', lead({ referrer: 'x'.repeat(2048) }), stored({ referrer: 'x'.repeat(2048) })],
  ['fields that nobody knows', lead({ company: 'Acme', metadata: { a: 1 } }), stored({ company: 'Acme', a: 1 })],
]

export const prototypeRows: readonly Row[] = [
  ['__proto__', spelled('"__proto__":{"stage":"customer"}'), noKey],
  ['__proto__ in escapes', spelled('"\\u005f_proto__":{"stage":"customer"}'), noKey],
  ['__proto__ in metadata', spelled(`"metadata":{"__proto__":"${canary}"}`), noKey],
  ['__proto__ in a value', spelled('"metadata":{"a":{"__proto__":1}}'), noKey],
  ['metadata that are a prototype', spelled('"metadata":{"__proto__":null,"a":1}'), noKey],
  ['constructor', lead({ constructor: { prototype: { a: 1 } } }), noKey],
  ['constructor in metadata', withMetadata({ constructor: 1 }), noKey],
  ['constructor in a field that is never stored', lead({ _x: [{ constructor: 1 }] }), noKey],
  ['__proto__ in a field that is never stored', json(`{"email":"${email}","_x":{"a":{"__proto__":{}}}}`), noKey],
  ['prototype', lead({ prototype: 1 }), noKey],
  ['__proto__ in an id, which is ignored', spelled('"id":{"__proto__":1}'), noKey],
  ['constructor in a stage, which is ignored', lead({ stage: { a: [{ constructor: 1 }] } }), noKey],
  ['__proto__ in a token, which is dropped', spelled('"csrf_x":{"__proto__":1}'), noKey],
  ['prototype in a token deep inside', withMetadata({ a: { authenticity_token: { prototype: 1 } } }), noKey],
  ['__proto__ in a control field deep inside', spelled('"a":{"_z":{"__proto__":1}}'), noKey],
  [
    'what objects inherit, as keys',
    lead({ toString: 'a', hasOwnProperty: 'b' }),
    stored({ toString: 'a', hasOwnProperty: 'b' }),
  ],
  ['an accessor of old, which is a control field', lead({ __defineGetter__: 'a' }), taken()],
  ['toJSON as a key', lead({ toJSON: 'a' }), stored({ toJSON: 'a' })],
]

const asAdmin = { 'x-api-key': keys.default }

export const assignmentRows: readonly Row[] = [
  ['a stage without a key', lead({ stage: 'customer' }), taken()],
  ['a stage of none of ours without a key', lead({ stage: canary }), taken()],
  ['an id', lead({ id: 'cont_01HQ0000000000000000000000' }), taken()],
  ['a time of creation', lead({ created_at: '2001-01-01T00:00:00.000Z' }), taken()],
  ['another workspace', lead({ workspace: 'acme', workspace_id: 'ws_1', workspaceId: 'ws_1' }), taken()],
  ['a key in the body', lead({ _api_key: canaryKey, stage: 'customer' }), taken()],
  ['columns that are no fields', lead({ version: 9, is_admin: true }), stored({ version: 9, is_admin: true })],
  ['control fields that nobody knows', lead({ _stage: 'customer', _workspace: 'acme' }), taken()],
  ['a stage by an ADMIN key', lead({ stage: 'customer' }, asAdmin), taken({ stage: 'customer' })],
  [
    'a stage of none of ours by an ADMIN key',
    lead({ stage: canary }, asAdmin),
    wrongFields(['stage', "must be one of the workspace's stages"]),
  ],
  ['an id by an ADMIN key', lead({ id: 'cont_01HQ0000000000000000000000' }, asAdmin), taken()],
]

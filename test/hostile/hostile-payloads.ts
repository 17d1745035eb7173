import type { JsonValue } from '../../src/sources/payload.ts'
import { fill, type HostilePayload, maxBytes } from './hostile-bodies.ts'
import { formShapes } from './hostile-forms.ts'

/** Returns bodies of every shape that is slow to decode, to look through, or to map. Each is just below 512 KiB. */
export function hostilePayloads(): HostilePayload[] {
  return [...jsonShapes(), ...textShapes(), ...formShapes()]
}

function json(name: string, text: string): HostilePayload {
  return { name, contentType: 'application/json', body: Buffer.from(text) }
}

/** Returns an object of as many entries as fit, after `start`. */
function entries(name: string, entryOf: (nth: number) => string, start = ''): HostilePayload {
  return json(name, `{${start}${fill(entryOf, ',', start.length)}}`)
}

/** Returns an object with a list of as many items as fit. */
function items(name: string, itemOf: (nth: number) => string, start = '{"items":[', end = ']}'): HostilePayload {
  return json(name, start + fill(itemOf, ',', start.length + end.length) + end)
}

const q = (value: JsonValue) => JSON.stringify(value)
const digits = (nth: number) => String(nth).padStart(6, '0')
const person = '"email":"jane@example.com",'
/** U+FDFA is eighteen letters in NFKD. */
const longest = '\ufdfa'
const accents = 'é̂̃ệŐöﬁ'

function jsonShapes(): HostilePayload[] {
  return [...wide(), ...nested(), ...lists(), ...pairs(), ...names(), ...addresses()]
}

function wide(): HostilePayload[] {
  return [
    entries('many short keys', (nth) => `"${nth.toString(36)}":1`),
    entries('many keys of two words', (nth) => `"${digits(nth)}fieldName":"v"`, person),
    entries('many keys of 100 characters', (nth) => `"${digits(nth)}${'aB'.repeat(47)}":"v"`, person),
    entries('many keys of 160 characters to normalise', (nth) => `"${digits(nth)}${longest.repeat(31)}":"v"`, person),
    entries('many keys with accents', (nth) => `"${accents}${digits(nth)}":"v"`, person),
    entries('many integers of 20 digits', (nth) => `"${nth.toString(36)}":12345678901234567890`),
    items('a list of 20-digit integers', () => '12345678901234567890'),
    entries('the same key over and over', () => `"name":"Jane Doe"`, person),
    entries('many nulls', (nth) => `"${nth.toString(36)}":null`),
    entries('keys with characters that are not stored', (nth) => `"\\u0000${digits(nth)}\\ud800":"\\u0000\\udfff"`),
  ]
}

function nested(): HostilePayload[] {
  const deep = (open: string, close: string, levels: number) => open.repeat(levels) + close.repeat(levels)
  return [
    json('objects in objects', `${'{"a":'.repeat(80_000)}1${'}'.repeat(80_000)}`),
    items('lists 199 deep', () => deep('[', ']', 190)),
    items('objects 199 deep', () => `${'{"data":'.repeat(190)}1${'}'.repeat(190)}`),
    items('objects 15 deep', (nth) => `${'{"data":'.repeat(12)}${nth}${'}'.repeat(12)}`),
    items('tracking blocks', (nth) => `{"utm":{"source":"g${nth}","medium":"cpc","campaign":{"name":"x","term":"y"}}}`),
    entries(
      'tracking blocks by name',
      (nth) => `"c${digits(nth)}":{"utm":{"source":"g","medium":"m"},"tracking":{"term":"t"}}`,
    ),
    entries('objects of people', (nth) => `"lead_${nth}":{"name":"Jane ${nth}","email":"jane${nth}@example.com"}`),
    entries('objects of strangers', (nth) => `"host ${nth}":{"name":"Jane","email":"h${nth}@example.com"}`, person),
    entries('names deep below', (nth) => `"x${nth}":{"data":{"fields":{"values":{"name":"Jane ${nth}"}}}}`, person),
  ]
}

function lists(): HostilePayload[] {
  return [
    items('empty objects', () => '{}'),
    items('empty lists', () => '[]'),
    items('blank texts', () => '""'),
    items('texts of one space', () => '" "'),
    items('digits', () => '1'),
    items('objects of one entry', (nth) => `{"Name":"Jane ${nth}"}`),
    items('objects of two entries', (nth) => `{"first_name":"J${nth}","last_name":"D"}`),
    items('options', (nth) => `{"id":"o${nth}","label":"Option ${nth}"}`),
    items('options with their words', (nth) => `{"label":"${accents} ${nth}","value":"${accents}-${nth}"}`),
    entries('options as values', (nth) => `"k${nth}":{"label":"Option ${nth}","value":"option_${nth}"}`, person),
    entries('lists as values', (nth) => `"k${nth}":["a","b",{"label":"c"}]`, person),
    entries('a list of blank lists', (nth) => `"k${nth}":[[],[""],[[" "]]]`, person),
  ]
}

function pairs(): HostilePayload[] {
  return [
    items('questions and answers', (nth) => `{"question":"Question ${nth}?","answer":"Answer ${nth}"}`),
    items('questions in prose', (nth) => `{"question":"${'What do you think of it? '.repeat(6)}${nth}","answer":"a"}`),
    items('answers that are objects', (nth) => `{"label":"Name ${nth}","value":{"first":"J","last":"D${nth}"}}`),
    items('answers that are lists', (nth) => `{"label":"Topics ${nth}","value":["a",{"label":"b"},"c"]}`),
    items('pairs of names', (nth) => `{"name":"Name","value":"Jane ${nth}"}`),
    items('pairs of addresses', (nth) => `{"name":"E-mail","value":"jane${nth}@example.com"}`),
    items('pairs of phone numbers', (nth) => `{"label":"Phone ${nth}","value":"+4930${digits(nth)}"}`),
    items('pairs without a question', (nth) => `{"type":"t","value":"v${nth}"}`),
    items(
      'labels with notes',
      (nth) => `{"label":"E-mail (${'('.repeat(20)}required${')'.repeat(19)} ${nth}","value":"v"}`,
    ),
  ]
}

function names(): HostilePayload[] {
  return [
    entries('names of first names', (nth) => `"first_name_${nth}":"Jane ${nth}"`, person),
    entries('names of names', (nth) => `"Your name (${nth})":"Jane Doe ${nth}"`, person),
    entries('long names', (nth) => `"name ${nth}":"${'Jane '.repeat(80)}"`, person),
    entries('names to normalise', (nth) => `"name ${nth}":"${accents.repeat(12)}"`, person),
    entries('2,000 names', (nth) => `"first_name_${nth}":"${'Jane '.repeat(47)}"`, person),
    entries('800 names to normalise', (nth) => `"name ${nth}":"${accents.repeat(40)}"`, person),
    entries('names that are none', (nth) => `"name ${nth}":"${'1'.repeat(200)}"`, person),
    entries('companies', (nth) => `"company ${nth}":"Acme ${nth}"`, person),
    entries('phones that are none', (nth) => `"phone ${nth}":"yes, call me at any time of the day"`, person),
    entries('phones', (nth) => `"phone ${nth}":"+49 30 ${digits(nth)}"`, person),
    entries('fillers', (nth) => `"what is your please enter your my email ${nth} here again":"v"`, person),
    entries('titles of forms', (nth) => `"form_name_${nth}":"Contact ${nth}"`, person),
    entries('the same slug', (nth) => `"Field ${'-'.repeat(nth % 90)} A":"v${nth}"`, person),
  ]
}

function addresses(): HostilePayload[] {
  return [
    entries('many addresses', (nth) => `"email_${nth}":"jane${nth}@example.com"`),
    items('a list of addresses', (nth) => q(`jane${nth}@example.com`), '{"email":[', ']}'),
    items('addresses with domains in Unicode', (nth) => q(`j${nth}@bücher${nth}.example`)),
    items('addresses in capitals', (nth) => q(`J${nth}@EXAMPLE${nth}.COM`)),
    items('addresses with marks before them', (nth) => q(`a=b&c=%40x..+-j${nth}@a.b-c.Thanks.By${nth}`)),
    items('longest addresses', (nth) => q(`${digits(nth)}${'a'.repeat(58)}@${'b.'.repeat(125)}cc`)),
    items('addresses of the shortest form', (nth) => q(`${nth.toString(36)}@a.b`)),
    items('escaped addresses', (nth) => q(`j${nth}%2540example.com`)),
    items('addresses escaped as HTML', (nth) => q(`j${nth}&#64;example.com`)),
    items('addresses within JSON', (nth) => q(q(`j${nth}\\u0040example.com`))),
    json('addresses in one text', q({ text: fill((nth) => `j${nth}@example.com`, ' ', 20) })),
    json('addresses in one text, with marks', q({ text: fill((nth) => `q=j${nth}@x${nth}.Com-A`, '/', 20) })),
    json('signs of addresses', q({ text: '@'.repeat(maxBytes - 30) })),
    json('signs of addresses with letters', q({ text: 'a@'.repeat(maxBytes / 2 - 30) })),
    json('a text of dots and signs', q({ text: 'a@b.'.repeat(maxBytes / 4 - 30) })),
    json('a text of the longest domains', q({ text: `${'a'.repeat(63)}@${'b'.repeat(189)}`.repeat(2070) })),
    json('domains in Unicode in one text', q({ text: 'a@éé.é '.repeat(maxBytes / 10 - 10) })),
    json('percent signs', q({ text: `%40${'%41'.repeat(maxBytes / 3 - 30)}` })),
    json('percent signs, alone', q({ text: `%40${'%4 1'.repeat(maxBytes / 4 - 30)}` })),
    json('percent signs with letters', q({ text: `%2540${'%25252540a'.repeat(maxBytes / 10 - 30)}` })),
  ]
}

function textShapes(): HostilePayload[] {
  const long = (name: string, key: string, unit: string) =>
    json(
      name,
      `{${person}${q(key)}:${q(unit.repeat(Math.floor((maxBytes - 100) / Buffer.byteLength(q(unit).slice(1, -1)))))}}`,
    )
  return [
    long('a long text', 'message', 'a'),
    long('a text of spaces', 'message', ' '),
    long('a name of spaces', 'name', ' '),
    long('an e-mail of spaces', 'e-mail', ' '),
    long('a text of invisible characters', 'message', '\u200b'),
    long('a text of quotes', 'message', '"'),
    long('a text of backslashes', 'message', '\\'),
    long('a text to normalise', 'name', accents),
    long('a text of emoji', 'message', '😀'),
    long('a text of lone surrogates', 'message', '\ud83d'),
    long('a text of U+0000', 'message', '\u0000'),
    long('a text of links', 'message', 'http://a.b '),
    long('a text of tags', 'message', '<script '),
    long('a text of bare domains', 'message', 'a.b/'),
    long('a text of secret names', 'message', '"google_key":'),
    long('a text of nested secret names', 'message', '\\"google_key\\":\\"'),
    long('a text of secret fields', 'message', '&google_key=a'),
    long('JSON inside a text', 'data', '{"a":['),
    json('JSON inside a known field', q({ data: `[${fill(() => '{\\"a\\":1}', ',', 40).replaceAll('\\', '')}]` })),
    long('a key of one length', 'x'.repeat(1), 'k'),
    json('one long key', `{"${'kK'.repeat(maxBytes / 2 - 20)}":"v"}`),
    json('one long key to normalise', `{"${longest.repeat(maxBytes / 3 - 20)}":"v"}`),
    entries('many texts of spaces', (nth) => `"name ${nth}":"${' '.repeat(400)}"`, person),
    entries('many texts with spaces around', (nth) => `"name ${nth}":"${' '.repeat(100)}a${' '.repeat(100)}"`, person),
    {
      name: 'text in UTF-16',
      contentType: 'application/json; charset=utf-16le',
      body: Buffer.from(`{"message":"${'a'.repeat(maxBytes / 2 - 30)}"}`, 'utf16le'),
    },
    {
      name: 'windows-1252',
      contentType: 'application/json',
      body: Buffer.from(`{"message":"${'é'.repeat(maxBytes - 30)}"}`, 'latin1'),
    },
    json('no JSON', `{"a":${'[1,'.repeat(maxBytes / 3 - 20)}`),
    json('no JSON, with spaces', `{${' '.repeat(maxBytes - 20)}x`),
    { name: 'bytes', contentType: 'application/octet-stream', body: Buffer.alloc(maxBytes, 0xff) },
    {
      name: 'addresses in bytes',
      contentType: 'text/plain',
      body: Buffer.concat([Buffer.from([0xff, 0]), Buffer.from('a@b.cc '.repeat(9362))]),
    },
    { name: 'no form', contentType: 'text/plain', body: Buffer.from(`a=b${'\n'.repeat(maxBytes - 20)}x`) },
    {
      name: 'prose',
      contentType: 'text/plain',
      body: Buffer.from('Write to jane@example.com or call us. '.repeat(13_797)),
    },
  ]
}

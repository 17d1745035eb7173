import { fill, type HostilePayload, maxBytes } from './hostile-bodies.ts'

/** Returns forms of every shape that is slow to decode or to nest. */
export function formShapes(): HostilePayload[] {
  const form = (name: string, fieldOf: (nth: number) => string, charset = ''): HostilePayload => ({
    name,
    contentType: `application/x-www-form-urlencoded${charset}`,
    body: Buffer.from(fill(fieldOf, '&', 0)),
  })
  const parts = (name: string, nameOf: (nth: number) => string, textOf: (nth: number) => string): HostilePayload => {
    const part = (nth: number) => `--b\r\nContent-Disposition: form-data; name="${nameOf(nth)}"\r\n\r\n${textOf(nth)}`
    return {
      name,
      contentType: 'multipart/form-data; boundary=b',
      body: Buffer.from(`${fill(part, '\r\n', 20)}\r\n--b--\r\n`),
    }
  }
  const nestedName = (nth: number) => `a${'[b]'.repeat(14)}[${nth}]`
  return [
    form('a form of many fields', (nth) => `k${nth}=v`),
    form('a form of one field', () => 'a=b'),
    form('a form of empty fields', () => '='),
    form('a form of ampersands', () => ''),
    form('a form of lists', () => 'a[]=b'),
    form('a form of nested names', (nth) => `${nestedName(nth)}=v`),
    form('a form of nested names, each anew', (nth) => `a${nth}${'[b]'.repeat(14)}=v`),
    form('a form of dotted names', (nth) => `a${nth}.${'b.'.repeat(14)}c=v`),
    form('a form of names that contradict', (nth) => (nth % 2 === 0 ? 'a[b][c]=v' : 'a[b]=v')),
    form('a form of escapes', (nth) => `k${nth}=${'%C3%A9'.repeat(15)}`),
    form('a form of broken escapes', (nth) => `k${nth}=${'%E9'.repeat(30)}`),
    form('a form of one broken escape', () => `a=${'%E9'.repeat(5000)}`),
    form('a form of latin1', (nth) => `k${nth}=${'%E9'.repeat(30)}`, '; charset=iso-8859-1'),
    form('a form of plus signs', (nth) => `k${nth}=${'+'.repeat(90)}`),
    form('a form of brackets', (nth) => `a${'['.repeat(90)}${nth}=v`),
    form('a form of open brackets', (nth) => `a${'[]'.repeat(45)}${nth}=v`),
    form('1,000 fields of plus signs', (nth) => `k${nth}=${'+'.repeat(510)}`),
    form('1,000 fields of escapes', (nth) => `k${nth}=${'%C3%A9'.repeat(85)}`),
    form('1,000 fields of broken escapes', (nth) => `k${nth}=${'%E9'.repeat(170)}`),
    form('1,000 fields of latin1', (nth) => `k${nth}=${'%99'.repeat(170)}`, '; charset=windows-1252'),
    form('1,000 fields of nested names', (nth) => `${nestedName(nth)}=${'v'.repeat(450)}`),
    form('1,000 fields of long names', (nth) => `a${'[b]'.repeat(165)}[${nth}]=v`),
    form('1,000 fields of addresses', (nth) => `email_${nth}=${`j${nth}%40example.com,`.repeat(25)}`),
    form('one field of plus signs', () => `a=${'+'.repeat(maxBytes - 100)}`),
    form('one field of escapes', () => `a=${'%C3%A9'.repeat((maxBytes - 100) / 6)}`),
    form('one field of broken escapes', () => `a=${'%99'.repeat((maxBytes - 100) / 3)}`),
    form('a form with JSON', (nth) => (nth === 0 ? `rawRequest={${'%22a%22:1,'.repeat(50_000)}%22b%22:1}` : `a=b`)),
    form('a form of addresses', (nth) => `email_${nth}=j${nth}%40example.com`),
    parts(
      'many parts',
      (nth) => `k${nth}`,
      (nth) => `v${nth}`,
    ),
    parts('parts of nested names', nestedName, (nth) => `v${nth}`),
    parts(
      '4,900 parts',
      (nth) => `k${nth}`,
      () => 'v'.repeat(45),
    ),
    parts(
      '900 parts',
      (nth) => `first_name_${nth}`,
      () => 'é v'.repeat(120),
    ),
    parts(
      'files',
      (nth) => `k${nth}"; filename="f${nth}.pdf`,
      () => '%PDF'.repeat(10),
    ),
    parts(
      'a part of dashes',
      () => 'a',
      () => '\r\n-'.repeat(160_000),
    ),
    parts(
      'parts of the longest head',
      (nth) => `k${nth}`.padEnd(8000, 'x'),
      () => 'v',
    ),
    {
      name: 'multipart that does not end',
      contentType: 'multipart/form-data; boundary=b',
      body: Buffer.from(`--b\r\n${'x: y\r\n'.repeat(80_000)}`),
    },
  ]
}

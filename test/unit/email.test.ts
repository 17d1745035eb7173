import { describe, expect, it } from 'vitest'
import { normaliseEmail } from '../../src/platform/text/email.ts'

const label = 'd'.repeat(63)
const domainOf = (length: number) => `${label}.${label}.${label}.${'e'.repeat(length - 3 * 64 - 3)}.io`

describe('an address', () => {
  it.each([
    ['as it is', 'jane@example.com', 'jane@example.com'],
    ['trimmed', ' \tjane@example.com\n', 'jane@example.com'],
    ['in lower case', 'Jane.DOE@Example.COM', 'jane.doe@example.com'],
    ['with its dots and plus tag', 'j.a.n.e+news@gmail.com', 'j.a.n.e+news@gmail.com'],
    [
      'with what the local part may hold',
      "o'hara!#$%&*+/=?^_`{|}~-@example.com",
      "o'hara!#$%&*+/=?^_`{|}~-@example.com",
    ],
    ['with its domain in ASCII', 'jane@bücher.example', 'jane@xn--bcher-kva.example'],
    ['with its domain in ASCII, whatever its case', 'jane@BÜCHER.example', 'jane@xn--bcher-kva.example'],
    ['with full-width letters and dot in its domain', 'jane@ｅｘａｍｐｌｅ。com', 'jane@example.com'],
    ['with a domain that is in ASCII already', 'jane@XN--bcher-kva.example', 'jane@xn--bcher-kva.example'],
    ['with a local part of 64', `${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
    ['of 254 in all', `a@${domainOf(252)}`, `a@${domainOf(252)}`],
  ])('is taken %s', (_, input, expected) => {
    expect(normaliseEmail(input)).toBe(expected)
  })

  it.each([
    ['nothing', ''],
    ['no at sign', 'jane.example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'jane@'],
    ['two at signs', 'jane@doe@example.com'],
    ['two addresses', 'jane@example.com,joan@example.com'],
    ['two addresses and a space', 'jane@example.com joan@example.com'],
    ['a name around it', 'Jane <jane@example.com>'],
    ['a space inside', 'jane doe@example.com'],
    ['a quoted local part', '"jane doe"@example.com'],
    ['a comment', 'jane(work)@example.com'],
    ['a line break inside', 'jane@example.com\nbcc:joan@example.com'],
    ['a control character', 'ja\u0007ne@example.com'],
    ['U+0000', 'jane\u0000@example.com'],
    ['a local part that is not ASCII', 'jäne@example.com'],
    ['a Kelvin sign, which lower-cases to a k', '\u212aane@example.com'],
    ['a dotted capital I, which lower-cases to two', '\u0130@example.com'],
    ['a local part of 65', `${'a'.repeat(65)}@example.com`],
    ['a domain of 254', `a@${domainOf(254)}`],
    ['255 in all', `a@${domainOf(253)}`],
    ['a label of 64', `jane@${'d'.repeat(64)}.com`],
    ['a domain of one label', 'jane@localhost'],
    ['an empty label', 'jane@example..com'],
    ['a dot at the end', 'jane@example.com.'],
    ['a hyphen at an end of a label', 'jane@-example.com'],
    ['an underscore in the domain', 'jane@exa_mple.com'],
    ['an address literal', 'jane@[127.0.0.1]'],
    ['an IPv4 address', 'jane@127.0.0.1'],
    ['a full-width IPv4 address', 'jane@１２７.0.0.1'],
    ['a number for a top-level domain', 'jane@example.123'],
    ['a port', 'jane@example.com:25'],
    ['a path', 'jane@example.com/x'],
    ['a percent escape', 'jane@exa%6dple.com'],
    ['a slash that only NFKC makes', 'jane@example.com／x.io'],
    ['a broken A-label', 'jane@xn--.com'],
    ['a lone surrogate', 'jane@ex\ud800ample.com'],
  ])('is refused with %s', (_, input) => {
    expect(normaliseEmail(input)).toBeUndefined()
  })

  it('stays what it is when it is taken twice', () => {
    const once = normaliseEmail(' Jane+X@BÜCHER.example ')!
    expect(normaliseEmail(once)).toBe(once)
  })
})

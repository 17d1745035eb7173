import { describe, expect, it } from 'vitest'
import { parseCapture } from '../../src/capture/read/input.ts'
import { createFormTokens } from '../../src/capture/screen/form-token.ts'
import { createScreen, withReason } from '../../src/capture/screen/screening.ts'

const formTokens = createFormTokens([{ id: 'k1', key: Buffer.alloc(32, 1) }])
const screen = createScreen(formTokens)
const now = new Date('2026-03-16T12:00:00.000Z')
const shown = (secondsAgo: number) => formTokens.makeFormToken(new Date(now.getTime() - secondsAgo * 1000))
const links = (count: number) => Array.from({ length: count }, (_, nth) => `http://a${nth}.example`).join(' ')
const day = 86_400

const judge = (body: Readonly<Record<string, unknown>>) =>
  screen(parseCapture({ email: 'jane@example.com', ...body }, { stages: [] }), now)

describe('screening', () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['nothing but an e-mail', {}],
    ['an empty honeypot', { _gotcha: '' }],
    ['an absent honeypot', { _gotcha: null }],
    ['no token', { _t: '' }],
    ['a form that took two seconds', { _t: shown(2) }],
    ['a form that was open for six days', { _t: shown(6 * day) }],
    ['three links', { message: links(3) }],
    [
      'many fields of one address each',
      Object.fromEntries([...'abcdef'].map((key) => [key, `https://www.${key}.example/`])),
    ],
    ['addresses that hold addresses', { landing_page: `https://a.example/?to=https%3A%2F%2Fb.example` }],
    ['an ordinary provider', { email: 'jane@gmail.com' }],
    ['a domain that ends like one of the list', { email: 'jane@the-mailinator.com' }],
    ['a domain under which a listed one is', { email: 'jane@eu.org' }],
    ['a script tag alone, which is text', { first_name: '<script>alert(1)</script>' }],
    ['the word script', { message: 'Do you < scripted > things or <scripture>?' }],
  ])('accepts %s', (_what, body) => {
    expect(judge(body)).toEqual({ status: 'ACCEPTED' })
  })

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['11.24: a honeypot filled in on a form that was shown', { _gotcha: 'x', _t: shown(60) }, 'honeypot'],
    ['a form filled in within a second', { _t: shown(1) }, 'form_too_fast'],
    ['a token of last week', { _t: shown(8 * day) }, 'form_token_expired'],
    ['a token that we did not make', { _t: '1' }, 'form_token_invalid'],
    ['a token that is no text', { _t: 1 }, 'form_token_invalid'],
    ['a disposable domain', { email: 'jane@mailinator.com' }, 'disposable_domain'],
    ['a disposable domain in capitals', { email: 'Jane@Mailinator.COM' }, 'disposable_domain'],
    ['a name under a disposable domain', { email: 'jane@any.mailinator.com' }, 'disposable_domain'],
    ['four links', { message: links(4) }, 'too_many_links'],
    [
      'links in capitals, without a scheme and in tags',
      { message: 'HTTP://a WWW.b.c <a href="https://d"> [url=http://e]' },
      'too_many_links',
    ],
    ['links over several fields', { message: links(2), metadata: { note: links(2) } }, 'too_many_links'],
    ['links that hang together', { message: 'http://a,http://b,http://c,http://d' }, 'too_many_links'],
  ])('holds %s', (_what, body, reason) => {
    expect(judge(body)).toEqual({ status: 'HELD', reasons: [reason] })
  })

  it.each<[Readonly<Record<string, unknown>>, string[]]>([
    [{ _gotcha: 'x' }, ['honeypot']],
    [{ _gotcha: 'x', _t: shown(1) }, ['honeypot', 'form_too_fast']],
    [{ _gotcha: 'x', _t: shown(8 * day) }, ['honeypot', 'form_token_expired']],
    [{ _gotcha: 'x', _t: shown(60), message: links(4) }, ['honeypot', 'too_many_links']],
    [{ _gotcha: 0 }, ['honeypot']],
    [{ _gotcha: 'x', _t: 'x' }, ['honeypot', 'form_token_invalid']],
    [{ _t: shown(0), message: links(4) }, ['form_too_fast', 'too_many_links']],
    [{ email: 'jane@yopmail.com', message: '< script src=//a>' }, ['disposable_domain', 'script_tag']],
    [{ message: `${links(4)} </SCRIPT>` }, ['too_many_links', 'script_tag']],
  ])('calls %o spam, with every reason', (body, reasons) => {
    expect(judge(body)).toEqual({ status: 'SPAM', reasons })
  })

  it('takes no longer for text that is made to take long', () => {
    const startedAt = performance.now()
    for (const text of ['<'.repeat(500), `<${' '.repeat(499)}`, 'www.'.repeat(125), 'http'.repeat(125)])
      judge(Object.fromEntries(Array.from({ length: 50 }, (_, nth) => [`k${nth}`, text])))
    expect(performance.now() - startedAt).toBeLessThan(4000)
  })
})

describe('11.15: over_budget', () => {
  it('holds what is accepted, with its proof of work', () => {
    const proof = { id: 'p', expiresAt: now }
    expect(withReason({ status: 'ACCEPTED', proof }, 'over_budget')).toEqual({
      status: 'HELD',
      reasons: ['over_budget'],
      proof,
    })
  })

  it('makes no spam of what is held, and stays when one more sign comes', () => {
    const held = withReason(judge({ email: 'jane@mailinator.com' }), 'over_budget')
    expect(held).toEqual({ status: 'HELD', reasons: ['disposable_domain', 'over_budget'] })
    const over = withReason({ status: 'ACCEPTED' }, 'over_budget')
    expect(withReason(over, 'proof_reused')).toEqual({ status: 'HELD', reasons: ['over_budget', 'proof_reused'] })
  })
})

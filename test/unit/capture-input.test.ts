import { describe, expect, it } from 'vitest'
import { type CaptureInput, parseCapture } from '../../src/capture/read/input.ts'
import { AppError, type FieldProblem } from '../../src/platform/errors.ts'

const email = 'jane@example.com'
const stages = ['lead', 'customer']

function read(fields: Record<string, unknown>, rights: { stages: readonly string[] } = { stages: [] }): CaptureInput {
  return parseCapture({ email, ...fields }, rights)
}

function problemsOf(body: unknown, rights: { stages: readonly string[] } = { stages: [] }): readonly FieldProblem[] {
  try {
    parseCapture(body, rights)
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_request') return error.fields ?? []
    throw error
  }
  return []
}

const pathsOf = (fields: Record<string, unknown>) => problemsOf({ email, ...fields }).map(({ path }) => path)
const entries = (count: number, prefix = 'k') =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 'x']))

describe('the capture of the contract', () => {
  it('is read', () => {
    const metadata = { utm_source: 'google', utm_campaign: 'spring-launch', landing_page: '/pricing' }
    const body = { email: ' Jane@Example.com', first_name: 'Jane', last_name: 'Doe', source: 'organic', metadata }
    expect(parseCapture(body, { stages: [] })).toEqual({
      email,
      fields: { firstName: 'Jane', lastName: 'Doe', source: 'organic', metadata },
      posted: body,
      keptKeys: undefined,
      controls: {},
    })
  })
})

describe('a body that is no object', () => {
  it.each([[null], [[]], ['text'], [7], [true], [undefined]])('is refused: %j', (body) => {
    expect(problemsOf(body)).toEqual([{ path: '', message: 'an object is expected' }])
  })
})

describe('the e-mail', () => {
  it.each([[{}], [{ email: null }], [{ email: '' }]])('is required: %j', (body) => {
    expect(problemsOf(body)).toEqual([{ path: 'email', message: 'is required', kind: 'required' }])
  })

  it.each([[7], [[email]], [{}], [true], ['nobody'], ['a@example.com,b@example.com']])('must be one: %j', (value) => {
    expect(problemsOf({ email: value })).toEqual([{ path: 'email', message: 'must be one e-mail address' }])
  })
})

describe.each([
  ['first_name', 'firstName'],
  ['last_name', 'lastName'],
  ['source', 'source'],
] as const)('%s', (path, field) => {
  it.each([
    ['as it is', 'Jane', 'Jane'],
    ['trimmed', '  Jane \u00a0', 'Jane'],
    ['as text, whatever it means elsewhere', `<b>"Jane"</b> & 'co', \\ {} NULL`, `<b>"Jane"</b> & 'co', \\ {} NULL`],
    ['on one line', 'Jane\r\nBcc: joan\tx', 'Jane Bcc: joan x'],
    ['without control characters', 'Ja\u0007n\u0085e\u007f', 'Jane'],
    ['without bidi overrides', '\u202eenaJ\u2066', 'enaJ'],
    ['with letters that join, and emoji', 'नि\u200dकी 👩‍💻', 'नि\u200dकी 👩‍💻'],
    ['with 200 characters', 'x'.repeat(200), 'x'.repeat(200)],
    ['with 200 once it is trimmed', ` ${'x'.repeat(200)} `, 'x'.repeat(200)],
  ])('is taken %s', (_, sent, expected) => {
    expect(read({ [path]: sent }).fields[field]).toBe(expected)
  })

  it.each([[''], ['  '], ['\t\r\n'], ['\u202e'], [null]])('is left out when it is blank: %j', (sent) => {
    expect(field in read({ [path]: sent }).fields).toBe(false)
  })

  it.each([[7], [true], [['Jane']], [{ x: 'Jane' }]])('must be a string: %j', (sent) => {
    expect(problemsOf({ email, [path]: sent })).toEqual([{ path, message: 'a string is expected' }])
  })

  it('has at most 200 characters', () => {
    expect(problemsOf({ email, [path]: 'x'.repeat(201) })).toEqual([
      { path, message: 'at most 200 characters are allowed', kind: 'too_long' },
    ])
  })
})

describe('metadata', () => {
  it('keeps strings, numbers and booleans as they are', () => {
    const metadata = { plan: 'pro', seats: 3, ratio: -0.5, trial: false, zero: 0, spaced: ' x ' }
    expect(read({ metadata }).fields.metadata).toEqual(metadata)
  })

  it('is not hidden by what is blank', () => {
    const body = { utm_source: 'a', utm_medium: ' ', metadata: { utm_source: '', utm_medium: 'b' } }
    expect(read(body).fields.metadata).toEqual({ utm_source: 'a', utm_medium: 'b' })
  })

  it('leaves out what is blank', () => {
    expect(read({ metadata: { a: null, b: '', c: '  ' } }).fields.metadata).toEqual({})
    expect(read({ metadata: null }).fields.metadata).toEqual({})
  })

  it('takes fields that nobody knows, and a key of its own over one of them', () => {
    const { metadata } = read({ company: 'Acme', utm_source: 'x', metadata: { utm_source: 'google' } }).fields
    expect(metadata).toEqual({ company: 'Acme', utm_source: 'google' })
  })

  it.each([[[]], ['x'], [7], [true]])('must be an object: %j', (metadata) => {
    expect(pathsOf({ metadata })).toEqual(['metadata'])
  })

  it.each([[Number.POSITIVE_INFINITY], [Number.NaN]])('holds no %j', (value) => {
    expect(pathsOf({ metadata: { deep: value } })).toEqual(['metadata.deep'])
    expect(pathsOf({ deep: value })).toEqual(['metadata.deep'])
  })

  it.each(['a', 'A1_.-', `k${'x'.repeat(63)}`])('takes the key %s', (key) => {
    expect(read({ metadata: { [key]: 'x' } }).fields.metadata).toEqual({ [key]: 'x' })
  })

  it.each([
    ['', 'field'],
    ['1a', 'field_1a'],
    ['.a', 'a'],
    ['a b', 'a_b'],
    ['a[b]', 'a_b'],
    ['é', 'e'],
    ['a\n', 'a'],
    [`k${'x'.repeat(64)}`, `k${'x'.repeat(63)}`],
    ['$where', 'where'],
  ])('takes %j as the label of %s', (label, key) => {
    expect(read({ metadata: { [label]: 'x' } }).fields.metadata).toEqual({ [key]: 'x' })
  })

  it.each(['__proto__', 'constructor', 'prototype'])('never takes the key %s, wherever it stands', (key) => {
    const evil = JSON.parse(`{"${key}": {"admin": true}}`)
    expect(problemsOf(JSON.parse(`{"email": "${email}", "metadata": {"${key}": "x"}}`))).toHaveLength(1)
    expect(problemsOf(JSON.parse(`{"email": "${email}", "${key}": "x"}`))).toHaveLength(1)
    expect(problemsOf({ email, metadata: evil })).toHaveLength(1)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it.each([
    ['plan', 5000],
    ['landing_page', 2048],
    ['referrer', 2048],
    ['page_url', 2048],
  ])('takes for %s at most %i characters', (key, limit) => {
    expect(pathsOf({ metadata: { [key]: 'x'.repeat(limit) } })).toEqual([])
    expect(problemsOf({ email, metadata: { [key]: 'x'.repeat(limit + 1) } })).toEqual([
      { path: `metadata.${key}`, message: `at most ${limit} characters are allowed`, kind: 'too_long' },
    ])
  })

  it('has at most 50 keys, those of unknown fields among them', () => {
    expect(pathsOf({ metadata: entries(50) })).toEqual([])
    expect(read({ metadata: entries(51) }).fields.metadata).toEqual(entries(50))
    const { fields, posted, keptKeys } = read({ ...entries(26, 'a'), metadata: entries(25, 'b') })
    expect(fields.metadata).toEqual({ ...entries(26, 'a'), ...entries(24, 'b') })
    expect(posted).toEqual({ email, ...entries(26, 'a'), metadata: entries(25, 'b') })
    expect(keptKeys).toEqual(Object.keys(fields.metadata))
  })
})

describe('the number of fields', () => {
  it('is not limited beyond the size of the body', () => {
    expect(Object.keys(read(entries(500, '_')).controls)).toHaveLength(500)
    expect(Object.keys(read(entries(500)).posted)).toHaveLength(501)
  })
})

describe('fields that steer', () => {
  it('are kept apart and never stored', () => {
    const input = read({ _gotcha: 'x', _redirect: 'https://example.com/', first_name: 'Jane' })
    expect(input.controls).toEqual({ _gotcha: 'x', _redirect: 'https://example.com/' })
    expect(input.posted).toEqual({ email, first_name: 'Jane' })
    expect(input.fields).toEqual({ firstName: 'Jane', metadata: {} })
  })
})

describe('what a caller may not set', () => {
  const forbidden = {
    id: 'cont_1',
    created_at: '2020-01-01',
    workspace: 'acme',
    workspace_id: 'ws_1',
    stage: 'customer',
  }

  it('is ignored, and goes into no metadata', () => {
    expect(read(forbidden).fields).toEqual({ metadata: {} })
  })

  it('is not even judged', () => {
    expect(pathsOf({ stage: 7, id: { deep: true } })).toEqual([])
  })
})

describe('the stage of a caller who may set it', () => {
  it('is one of the workspace’s', () => {
    expect(read({ stage: 'customer' }, { stages }).fields.stage).toBe('customer')
    expect(problemsOf({ email, stage: 'hero' }, { stages })).toEqual([
      { path: 'stage', message: "must be one of the workspace's stages" },
    ])
    expect(problemsOf({ email, stage: 7 }, { stages })).toHaveLength(1)
  })

  it.each([[''], [null], [undefined]])('is left as it is when it is blank: %j', (stage) => {
    expect('stage' in read({ stage }, { stages }).fields).toBe(false)
  })
})

describe('the problems', () => {
  it('are told all at once, and quote nothing', () => {
    const body = {
      first_name: 7,
      last_name: 'hunter2'.repeat(40),
      metadata: { hunter2: Number.NaN, plan: 'hunter2'.repeat(800) },
    }
    const problems = problemsOf(body)
    expect(problems.map(({ path }) => path).toSorted()).toEqual(
      ['email', 'first_name', 'last_name', 'metadata.hunter2', 'metadata.plan'].toSorted(),
    )
    expect(problems.map(({ message }) => message).join()).not.toContain('hunter')
  })
})

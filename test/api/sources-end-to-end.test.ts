import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type SourceGraphql, startSourceGraphql, update } from '../support/source-graphql.ts'

const payload = readFileSync(new URL('../fixtures/sources/typeform.json', import.meta.url), 'utf8')

describe('the URL of a source', () => {
  let rex: SourceGraphql

  beforeAll(async () => {
    rex = await startSourceGraphql()
  })
  afterAll(() => rex?.stop())

  const post = async (url: string, body: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })
    const { data, error } = (await response.json()) as { data?: object; error?: { code: string } }
    return { status: response.status, data, code: error?.code }
  }
  const signed = (secret: string) => ({
    'typeform-signature': `sha256=${createHmac('sha256', secret).update(payload).digest('base64')}`,
  })

  it('takes what the tool signs, with the old and the new secret, and counts what it refuses', async () => {
    const { id, url } = await rex.create({ kind: 'TYPEFORM', secret: 'first' })
    expect(await post(url, payload)).toMatchObject({ status: 401, code: 'unauthenticated' })
    const taken = await post(url, payload, signed('first'))
    expect(taken).toMatchObject({ status: 200, data: { status: 'accepted' } })
    await rex.admin(update, { input: { id, secret: 'second' } })
    for (const secret of ['first', 'second']) expect(await post(url, payload, signed(secret))).toEqual(taken)
    expect((await post(url, payload, signed('third'))).status).toBe(401)
    const stats = async () =>
      (await rex.admin('query ($id: ID!) { source(id: $id) { lastReceivedAt stats24h { accepted refused } } }', { id }))
        .data['source']
    await eventually(
      async () => JSON.stringify(await stats()).includes('"stats24h":{"accepted":1,"refused":2}'),
      async () => JSON.stringify(await stats()),
    )
  })

  it('holds the leads of a disabled source, and knows no URL that was rotated away or deleted', async () => {
    const { id, url } = await rex.create()
    const lead = JSON.stringify({ email: 'jane@example.com' })
    await rex.admin(update, { input: { id, enabled: false } })
    expect(await post(url, lead)).toMatchObject({ status: 200, data: { status: 'held' } })
    const { data } = await rex.admin(
      'mutation ($id: ID!) { rotateSourceUrl(id: $id, overlapHours: 0) { ... on Source { url } } }',
      { id },
    )
    expect((await post(url, lead)).status).toBe(404)
    const { url: current } = data['rotateSourceUrl'] as { url: string }
    expect((await post(current, lead)).status).toBe(200)
    await rex.admin('mutation ($id: ID!) { deleteSource(id: $id) { __typename } }', { id })
    expect((await post(current, lead)).status).toBe(404)
  })

  it('stores no secret of a tool, wherever in its request it stands', async () => {
    const body = { type: 'view_submission', token: 'hush-hush', user: { email: 'jane@example.com' } }
    const { url } = await rex.create({ kind: 'SLACK' })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    await post(url, JSON.stringify({ event: body }))
    await post(url, `payload=${encodeURIComponent(JSON.stringify(body))}`, form)
    await post(url, JSON.stringify(body).slice(0, -1))
    await post(url, JSON.stringify([body, { token: 'hush-hush' }]))
    const { data } = await rex.admin(
      '{ sources(first: 100) { nodes { submissions(first: 10) { nodes { fields raw contact { metadata } } } } } }',
    )
    expect(JSON.stringify(data)).toContain('view_submission')
    expect(JSON.stringify(data)).not.toContain('hush-hush')
  })
})

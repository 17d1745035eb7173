import { readFileSync } from 'node:fs'
import { buildSchema, GraphQLEnumType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sourceKinds } from '../../src/cli/commands/source/source-options.ts'
import { cliOf } from '../support/cli.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
let rex: ReturnType<typeof cliOf>

beforeAll(async () => {
  app = await startTestApp()
  rex = cliOf(app)
})

afterAll(() => app.stop())

interface Source {
  readonly id: string
  readonly url: string
}

interface Submission {
  readonly id: string
  readonly status: string
  readonly contact: { readonly email: string } | null
}

describe('rex sources', () => {
  it('creates a source whose URL accepts leads, and lists it with what it received', async () => {
    const { code, stdout } = await rex.run(['sources', 'create', '--name', 'Chatbot', '--map', 'email=user.mail|mail'])
    expect(code).toBe(0)
    const [, url = ''] = /^Created src_\w+ \(generic\)\. Paste its URL into the tool:\n(http\S+)\n$/.exec(stdout)!
    await post(url, { user: { mail: 'chat@example.com' } })
    expect((await rex.run(['contacts', 'get', 'chat@example.com'])).code).toBe(0)
    expect((await rex.run(['sources', 'list'])).stdout).toMatch(/^NAME .*\n(?:.*\n)*Chatbot +generic +on +1 /)
  })

  it('updates, rotates and deletes a source', async () => {
    const { id, url } = await rex.json<Source>('sources', 'create', '--name', 'Form', '--kind', 'cal-com')
    expect(
      await rex.json(
        'sources',
        'update',
        id,
        '--name',
        'Page',
        '--kind',
        'tally',
        '--secret',
        'a-secret-of-tally',
        '--disable',
      ),
    ).toMatchObject({ id, name: 'Page', kind: 'TALLY', verified: true, enabled: false })
    expect(await rex.json('sources', 'update', id, '--secret', '', '--enable')).toMatchObject({
      verified: false,
      enabled: true,
    })
    const rotated = await rex.json<Source>('sources', 'rotate', id, '--overlap-hours', '0')
    expect(rotated.url).not.toBe(url)
    expect((await rex.run(['sources', 'delete', id])).code).toBe(2)
    expect(await rex.json('sources', 'delete', id, '--yes')).toEqual({ deletedId: id })
    expect((await rex.run(['sources', 'rotate', id])).code).toBe(4)
  })

  it('previews a payload from standard input, and writes nothing', async () => {
    const stdin = JSON.stringify({ who: 'preview@example.com', 'Full name': 'Pia Preview', other: 1 })
    const parameters = ['sources', 'preview', '--kind', 'generic', '--map', 'email=who', '--body', '-']
    const { code, stdout } = await rex.run(parameters, { stdin })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Status +accepted\n/)
    expect(stdout).toMatch(/\nE-mail +preview@example\.com\n/)
    expect(stdout).toMatch(/\nFull name +full_name|\nFull name +\S+ +Pia Preview/)
    expect((await rex.run(['contacts', 'get', 'preview@example.com'])).code).toBe(4)
    expect((await rex.run(['sources', 'preview'])).code).toBe(2)
    expect(await rex.run(['sources', 'preview', '--body', 'nowhere.json'])).toMatchObject({ code: 2 })
  })

  it('knows the kinds of the schema, and names them for another', async () => {
    const kind = buildSchema(readFileSync('schema.graphql', 'utf8')).getType('SourceKind')
    expect(kind instanceof GraphQLEnumType && kind.getValues().map(({ name }) => name)).toEqual(sourceKinds)
    const { code, stderr } = await rex.run(['sources', 'create', '--name', 'x', '--kind', 'telex'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('typeform') })
  })
})

describe('rex submissions', () => {
  it('lists what is held, releases it with an e-mail, and marks spam', async () => {
    const { url } = await rex.json<Source>('sources', 'create', '--name', 'Held')
    await post(url, { who: 'nobody' })
    await post(url, { who: 'spammer' })
    const held = await rex.json<Submission[]>('submissions', 'held')
    expect(held.map(({ status }) => status)).toEqual(['HELD', 'HELD'])
    expect((await rex.run(['submissions', 'held'])).stdout).toMatch(/Held +needs_mapping/)
    const [spam, good] = held
    expect(await rex.run(['submissions', 'release', good!.id, '--email', 'released@example.com'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Released sub_\w+: released@example\.com \(cont_\w+\)\.\n$/),
    })
    expect((await rex.run(['submissions', 'spam', spam!.id])).stdout).toBe(`${spam!.id} is spam.\n`)
    expect((await rex.run(['submissions', 'held', '--quiet'])).stdout).toBe('')
    expect((await rex.run(['submissions', 'list', '--status', 'spam', '--quiet'])).stdout).toBe(`${spam!.id}\n`)
    expect(await rex.run(['submissions', 'release', spam!.id, good!.id, '--email', 'a@example.com'])).toMatchObject({
      code: 2,
    })
    expect(await rex.run(['submissions', 'release', 'sub_01HQ0000000000000000000000'])).toMatchObject({ code: 4 })
  })
})

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
}

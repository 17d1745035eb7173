import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliOf } from '../support/cli.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
let rex: ReturnType<typeof cliOf>

beforeAll(async () => {
  app = await startTestApp()
  rex = cliOf(app)
})

afterAll(() => app.stop())

interface Key {
  readonly id: string
  readonly token: string
}

describe('rex keys', () => {
  it('creates a key that has its scopes only, lists it without its secret part, and revokes it', async () => {
    const { code, stdout } = await rex.run(['keys', 'create', '--name', 'report', '--scopes', 'contacts_read'])
    const [, id = '', token = ''] = /^Created (key_\w+) \(CONTACTS_READ\)\.\nKey: (rex_\w+)\n$/.exec(stdout)!
    expect(code).toBe(0)
    const limited = cliOf({ url: app.url, key: token })
    expect((await limited.run(['contacts', 'list'])).code).toBe(0)
    expect(await limited.run(['keys', 'list'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('rex keys create'),
    })

    const { stdout: list } = await rex.run(['keys', 'list'])
    expect(list).toMatch(new RegExp(`${id} +report .*valid`))
    expect(list).not.toContain(token)

    expect((await rex.run(['keys', 'revoke', id], { columns: 80, stdin: 'no\n' })).code).toBe(1)
    expect(await rex.run(['keys', 'revoke', id])).toMatchObject({ code: 0, stdout: `Revoked ${id} (report).\n` })
    expect((await limited.run(['contacts', 'list'])).code).toBe(3)
    expect((await rex.run(['keys', 'list'])).stdout).toMatch(new RegExp(`${id} .*revoked`))
  })

  it('takes the date at which a key becomes invalid', async () => {
    const key = await rex.json<Key>(
      'keys',
      'create',
      '--name',
      'a',
      '--scopes',
      'CAPTURE,PII_READ',
      '--expires',
      '2099-01-01',
    )
    expect(key).toMatchObject({ expiresAt: '2099-01-01T00:00:00.000Z', scopes: ['CAPTURE', 'PII_READ'] })
    expect((await rex.run(['keys', 'revoke', 'key_01HQ0000000000000000000000'])).code).toBe(4)
  })
})

describe('rex workspaces', () => {
  it('creates, disables, enables and deletes a workspace by its slug', async () => {
    const created = await rex.json<Key & { slug: string }>('workspaces', 'create', '--slug', 'acme', '--name', 'Acme')
    expect(created).toMatchObject({ slug: 'acme', name: 'Acme', token: expect.stringMatching(/^rex_/) })
    const acme = cliOf({ url: app.url, key: created.token })
    expect((await acme.run(['contacts', 'list'])).code).toBe(0)
    expect((await acme.run(['workspaces', 'list'])).code).toBe(3)
    expect((await rex.run(['workspaces', 'list'])).stdout).toMatch(/^SLUG .*\nacme +Acme +enabled/)

    expect(await rex.run(['workspaces', 'disable', 'acme'])).toMatchObject({ code: 0, stdout: 'Disabled acme.\n' })
    expect((await acme.run(['contacts', 'list'])).code).toBe(3)
    expect(await rex.run(['workspaces', 'enable', created.id])).toMatchObject({ code: 0, stdout: 'Enabled acme.\n' })
    expect((await acme.run(['contacts', 'list'])).code).toBe(0)

    expect(await rex.run(['workspaces', 'delete', 'acme'])).toMatchObject({ code: 2 })
    expect(await rex.json('workspaces', 'delete', 'acme', '--yes')).toMatchObject({ deletedId: created.id })
    expect(await rex.run(['workspaces', 'delete', 'nobody', '--yes'])).toMatchObject({ code: 4 })
    expect(await rex.run(['workspaces', 'create', '--slug', 'default'])).toMatchObject({ code: 1 })
  })
})

import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import stringWidth from 'string-width'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { cliFolder, cliOf } from '../support/cli.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
let rex: ReturnType<typeof cliOf>

beforeAll(async () => {
  app = await startTestApp()
  rex = cliOf(app)
})

afterAll(() => app.stop())

interface Lead {
  readonly id: string
  readonly email: string
}

describe('rex capture', () => {
  it('sends a lead with its metadata, and prints e-mail and id', async () => {
    const { code, stdout } = await rex.run([
      ...[
        'capture',
        '--email',
        'jane@example.com',
        '--first-name',
        'Jane',
        '--last-name',
        'Doe',
        '--source',
        'organic',
      ],
      ...['--metadata', 'utm_source=google', '--metadata', 'note=a=b'],
    ])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Captured jane@example\.com \(cont_\w{26}\)\.\n$/)
    expect(await rex.json('contacts', 'get', 'jane@example.com')).toMatchObject({
      firstName: 'Jane',
      lastName: 'Doe',
      source: 'organic',
      metadata: { utm_source: 'google', note: 'a=b' },
    })
  })

  it('prints the stored contact with --json, and its id alone with --quiet', async () => {
    const lead = await rex.json<Lead>('capture', '--email', 'jill@example.com')
    expect(lead).toMatchObject({ email: 'jill@example.com', stage: 'lead' })
    const { stdout } = await rex.run(['capture', '--email', 'jill@example.com', '--quiet'])
    expect(stdout).toBe(`${lead.id}\n`)
  })

  it('names the field that the server refuses, and ends with 1', async () => {
    const { code, stdout, stderr } = await rex.run(['capture', '--email', 'nobody'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/\n {2}email: \S+/)
  })

  it('sends the same lead once under one idempotency key', async () => {
    const send = (name: string) =>
      rex.run(['capture', '--email', 'once@example.com', '--first-name', name, '--idempotency-key', 'k1'])
    expect((await send('One')).code).toBe(0)
    expect(await send('Two')).toMatchObject({ code: 1, stderr: expect.stringMatching(/Idempotency-Key/i) })
  })

  it('sends no key with --anonymous', async () => {
    const wrong = { REX_API_KEY: 'a-key-that-nobody-has-0123456789-0123' }
    const parameters = ['capture', '--email', 'form@example.com']
    expect((await rex.run(parameters, { environment: wrong })).code).toBe(3)
    expect((await rex.run([...parameters, '--anonymous'], { environment: wrong })).code).toBe(0)
  })
})

describe('rex contacts', () => {
  it('lists the contacts that are chosen', async () => {
    await rex.json('capture', '--email', 'list-1@example.com', '--source', 'fair', '--metadata', 'plan=pro')
    await rex.json('capture', '--email', 'list-2@example.com', '--source', 'fair')
    const chosen = async (...options: string[]) =>
      (await rex.json<Lead[]>('contacts', 'list', ...options)).map(({ email }) => email)
    expect(await chosen('--source', 'fair')).toEqual(['list-2@example.com', 'list-1@example.com'])
    expect(await chosen('--source', 'fair', '--metadata', 'plan=pro')).toEqual(['list-1@example.com'])
    expect(await chosen('--search', 'list-2')).toEqual(['list-2@example.com'])
    expect(await chosen('--source', 'fair', '--limit', '1')).toEqual(['list-2@example.com'])
    expect(await chosen('--source', 'fair', '--since', '1h')).toHaveLength(2)
    expect(await chosen('--source', 'fair', '--until', '1h')).toEqual([])
  })

  it('collects as many as the limit over several pages', async () => {
    const emails = Array.from({ length: 130 }, (_, index) => `page-${index}@example.com`)
    const api = createApiClient(app)
    await Promise.all(emails.map((email) => api.capture({ email, source: 'pages' }, { 'x-api-key': app.key })))
    const found = await rex.json<Lead[]>('contacts', 'list', '--source', 'pages', '--limit', '120')
    expect(new Set(found.map(({ email }) => email)).size).toBe(120)
  })

  it('edits a contact that is found by its e-mail, and clears what is empty', async () => {
    await rex.json('capture', '--email', 'edit@example.com', '--first-name', 'Ed', '--metadata', 'trial=yes')
    const { code, stdout } = await rex.run(['contacts', 'edit', 'edit@example.com', '--stage', 'customer'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^Changed edit@example\.com \(cont_/) })
    await rex.json(
      'contacts',
      'edit',
      'edit@example.com',
      '--first-name',
      '',
      '--metadata',
      'trial=',
      '--metadata',
      'plan=pro',
    )
    expect(await rex.json('contacts', 'get', 'edit@example.com')).toMatchObject({
      stage: 'customer',
      firstName: null,
      metadata: { plan: 'pro' },
    })
  })

  it('ends with 1 for a stage that the workspace does not have, with 2 for nothing to change, with 4 for nobody', async () => {
    await rex.json('capture', '--email', 'codes@example.com')
    expect(await rex.run(['contacts', 'edit', 'codes@example.com', '--stage', 'king'])).toMatchObject({ code: 1 })
    expect(await rex.run(['contacts', 'edit', 'codes@example.com'])).toMatchObject({ code: 2 })
    expect(await rex.run(['contacts', 'edit', 'ghost@example.com', '--stage', 'lead'])).toEqual({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining('There is no contact ghost@example.com.'),
    })
  })

  it('erases only what is confirmed', async () => {
    await rex.json('capture', '--email', 'erase@example.com')
    const refused = await rex.run(['contacts', 'erase', 'erase@example.com'])
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('Confirm with --yes.') })
    const declined = await rex.run(['contacts', 'erase', 'erase@example.com'], { columns: 80, stdin: 'no\n' })
    expect(declined).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was done.') })
    expect((await rex.run(['contacts', 'get', 'erase@example.com'])).code).toBe(0)
    const erased = await rex.run(['contacts', 'erase', 'erase@example.com'], { columns: 80, stdin: 'yes\n' })
    expect(erased).toMatchObject({ code: 0, stdout: expect.stringMatching(/Erased cont_\w+: 1 submission, 1 event, /) })
    expect((await rex.run(['contacts', 'get', 'erase@example.com'])).code).toBe(4)
  })

  it('erases with --yes', async () => {
    const { id } = await rex.json<Lead>('capture', '--email', 'erase-2@example.com')
    expect(await rex.json('contacts', 'erase', 'erase-2@example.com', '--yes')).toMatchObject({ erasedId: id })
  })
})

describe('rex contacts export', () => {
  it('writes all pages as CSV in which no cell is a formula, readable by its owner alone', async () => {
    const folder = await ownFolder()
    const api = createApiClient(app)
    const leads = Array.from({ length: 101 }, (_, index) => ({
      email: `export-${index}@example.com`,
      source: 'export',
    }))
    await Promise.all(leads.map((lead) => api.capture(lead, { 'x-api-key': app.key })))
    await rex.json(
      'capture',
      '--email',
      'formula@example.com',
      '--first-name',
      '=1+1',
      '--last-name',
      'a,"b"',
      '--source',
      'export',
    )
    const options = ['--source', 'export', '--output', 'leads.csv']
    const { code, stdout } = await rex.run(['contacts', 'export', ...options], { folder })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Exported 102 contacts to leads.csv.\n' })
    const [head, first, ...lines] = (await readFile(join(folder, 'leads.csv'), 'utf8')).trimEnd().split('\n')
    expect(head).toBe('id,email,first_name,last_name,stage,source,created_at,updated_at,last_seen_at,metadata')
    expect(first).toMatch(/^cont_\w+,formula@example\.com,'=1\+1,"a,""b""",lead,export,/)
    expect(lines).toHaveLength(101)
    expect(((await stat(join(folder, 'leads.csv'))).mode & 0o777).toString(8)).toBe('600')
    expect(await readdir(folder)).toEqual(['leads.csv'])
  })

  it('writes JSON by the extension of the file', async () => {
    const folder = await ownFolder()
    await rex.json('capture', '--email', 'json@example.com', '--source', 'json', '--metadata', 'plan=pro')
    await rex.run(['contacts', 'export', '--source', 'json', '--output', 'leads.json'], { folder })
    expect(JSON.parse(await readFile(join(folder, 'leads.json'), 'utf8'))).toEqual([
      expect.objectContaining({ email: 'json@example.com', first_name: null, metadata: { plan: 'pro' } }),
    ])
    await rex.run(['contacts', 'export', '--source', 'nobody', '--output', 'none.json'], { folder })
    expect(JSON.parse(await readFile(join(folder, 'none.json'), 'utf8'))).toEqual([])
  })

  it('writes chosen columns to standard output', async () => {
    await rex.json('capture', '--email', 'columns@example.com', '--source', 'columns', '--metadata', 'company=Acme')
    const options = ['--source', 'columns', '--columns', 'email,metadata.company']
    const { stdout } = await rex.run(['contacts', 'export', ...options])
    expect(stdout).toBe('email,metadata.company\ncolumns@example.com,Acme\n')
    const { stdout: jsonl } = await rex.run(['contacts', 'export', '--source', 'columns', '--format', 'jsonl'])
    expect(JSON.parse(jsonl)).toMatchObject({ email: 'columns@example.com' })
  })

  it('leaves no part of a file when it fails', async () => {
    const folder = await ownFolder()
    await mkdir(join(folder, 'leads.csv'))
    expect(await rex.run(['contacts', 'export', '--output', 'nowhere/leads.csv'], { folder })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere/leads.csv cannot be written: ENOENT.'),
    })
    const environment = { REX_API_KEY: 'a-key-that-nobody-has-0123456789-0123' }
    expect((await rex.run(['contacts', 'export', '--output', 'new.csv'], { folder, environment })).code).toBe(3)
    expect(await readdir(folder)).toEqual(['leads.csv'])
  })
})

describe('a table', () => {
  it('fits the terminal, and has colours only there', async () => {
    await rex.json(
      'capture',
      '--email',
      'narrow-table@example.com',
      '--first-name',
      'N'.repeat(80),
      '--source',
      'narrow',
    )
    const parameters = ['contacts', 'list', '--source', 'narrow']
    for (const columns of [60, 80, 120]) {
      const { stdout } = await rex.run(parameters, { columns })
      expect(stdout).toContain('\u{1B}[1m')
      for (const line of stdout.trimEnd().split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(columns)
    }
    const { stdout: plain } = await rex.run(parameters)
    expect(plain).not.toContain('\u{1B}')
    expect(plain).toContain('N'.repeat(80))
  })

  it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('has no colours with %j', async (environment) => {
    const { stdout } = await rex.run(['contacts', 'list'], { columns: 80, environment })
    expect(stdout).not.toContain('\u{1B}')
  })
})

async function ownFolder(): Promise<string> {
  const { folder, remove } = await cliFolder()
  onTestFinished(remove)
  return folder
}

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { signatureHeaders } from '../../src/delivery/attempt/signature.ts'
import { createApiClient } from '../support/api-client.ts'
import { unusedPort } from '../support/misbehaving-receivers.ts'
import { type ShellCommand, startShell } from '../support/shell.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const repository = join(import.meta.dirname, '../..')
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body =
  '{"id":"evt_1","event":"contact.created","timestamp":"2026-03-16T12:00:01.000Z","data":{"email":"jürgen@example.com"}}'
const hasFastapi = spawnSync('python3', ['-c', 'import fastapi, uvicorn']).status === 0

describe.each(['receiver-express', 'receiver-fastify'])('examples/%s', (name) => {
  it('prints a line for a verified webhook, and answers 401 to everything else', async () => {
    const receiver = startExample(`examples/${name}/receiver.mjs`, { REX_WEBHOOK_SECRET: secret })
    const [, url = ''] = await receiver.said(/^Receiving webhooks on (\S+)$/m)
    await verifies(receiver, url)
  })
})

describe('examples/receiver-fastapi', () => {
  it('prints a line for a verified webhook, and answers 401 to everything else', async ({ skip }) => {
    if (!hasFastapi)
      return skip('This machine has no FastAPI. Its verifying module is tested in verify-languages.test.ts.')
    const port = await unusedPort()
    const [, command = ''] = /```sh\n(.*)\n```/.exec(read('examples/receiver-fastapi/README.md')) ?? []
    const line = command.replace('whsec_…', secret).replace('4001', String(port))
    const receiver = start(line.replace('uvicorn', 'python3 -m uvicorn'))
    await receiver.said(/Uvicorn running/, 60_000)
    await verifies(receiver, `http://127.0.0.1:${port}`)
  })
})

describe('examples/nextjs', () => {
  it('has a route that accepts what Rex signs, and answers 401 to everything else', async () => {
    vi.stubEnv('REX_WEBHOOK_SECRET', secret)
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    onTestFinished(() => {
      vi.unstubAllEnvs()
      log.mockRestore()
    })
    const route = new URL('../../examples/nextjs/app/webhooks/rex/route.js', import.meta.url)
    const { POST } = await import(route.href)
    const request = (headers: Record<string, string>) => new Request('http://x/', { method: 'POST', body, headers })
    expect((await POST(request(signed(body)))).status).toBe(204)
    expect(log).toHaveBeenCalledExactlyOnceWith('verified contact.created evt_1')
    expect((await POST(request(signed(`${body} `)))).status).toBe(401)
  })
})

describe('examples that send leads', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await startTestApp()
  })

  afterAll(() => app?.stop())

  it('chatbot: asks for an address, sends it once, and says when it does not work', async () => {
    const bot = startExample('examples/chatbot/bot.mjs', { REX_URL: app.url, REX_API_KEY: app.key })
    const [, url = ''] = await bot.said(/^Chatting on (\S+)$/m)
    const say = async (text: string) => {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify({ conversation: 'c-1', text }) })
      return ((await response.json()) as { text: string }).text
    }
    expect(await say('Do you ship to Bern?')).toMatch(/e-mail/)
    expect(await say('Sure: jane@example.com.')).toMatch(/^Thank you/)
    expect(await say('Sure: jane@example.com.')).toMatch(/^Thank you/)
    expect(await say(`${'x'.repeat(65)}@example.com`)).toMatch(/does not work/)
    expect(await submissionsOf('jane@example.com')).toEqual([
      { source: 'chatbot', conversation: 'c-1', message: 'Sure: jane@example.com.' },
    ])
  })

  it('google-apps-script: sends the answers of a form, a row once', async () => {
    const sent: Promise<Response>[] = []
    const context = {
      UrlFetchApp: {
        fetch: (url: string, { method, contentType, headers, payload }: FetchParameters) => {
          expect(url).toBe('https://rex.example.com/capture')
          const posted = { ...headers, 'content-type': contentType }
          sent.push(fetch(`${app.url}/capture`, { method, headers: posted, body: payload }))
          return { getResponseCode: () => 201 }
        },
      },
      PropertiesService: { getScriptProperties: () => ({ getProperty: () => app.key }) },
      event: {
        namedValues: { 'E-mail address': ['ada@example.com'], 'Your company': ['Acme'], Topics: ['a', 'b'] },
        range: { getRow: () => 7, getSheet: () => ({ getParent: () => ({ getId: () => 'sheet-1' }) }) },
      },
    }
    const script = `${read('examples/google-apps-script/capture.gs')}; onFormSubmit(event); onFormSubmit(event)`
    runInNewContext(script, context)
    const responses = await Promise.all(sent)
    expect(responses.map(({ status }) => status)).toEqual([201, 201])
    expect(await submissionsOf('ada@example.com')).toEqual([
      { source: 'google-form', your_company: 'Acme', Topics: 'a, b' },
    ])
  })

  it('n8n: sends what its webhook receives, with key and idempotency key, to a node that is connected', async () => {
    const { nodes, connections } = JSON.parse(read('examples/n8n/workflow.json')) as Workflow
    const [trigger, rex] = nodes
    expect(connections[trigger.name]?.main[0]?.[0]?.node).toBe(rex.name)
    const { url, method, headerParameters, jsonBody } = rex.parameters
    const context = {
      $env: { REX_URL: app.url, REX_API_KEY: app.key },
      $execution: { id: '12' },
      $itemIndex: 0,
      $json: { body: { email: 'n8n@example.com', plan: 'pro' } },
    }
    const headers = headerParameters.parameters.map(({ name, value }) => [name, filledIn(value, context)])
    const response = await fetch(filledIn(url, context), {
      method,
      headers: { ...Object.fromEntries(headers), 'content-type': 'application/json' },
      body: filledIn(jsonBody, context),
    })
    expect(response.status).toBe(201)
    expect(headers).toContainEqual(['Idempotency-Key', 'n8n-12-0'])
    expect(await submissionsOf('n8n@example.com')).toEqual([{ source: 'n8n', plan: 'pro' }])
  })

  /** Returns source and metadata of each submission of an e-mail. */
  async function submissionsOf(email: string): Promise<Record<string, unknown>[]> {
    const { data } = (await createApiClient(app).graphql(
      '{ submissions(first: 50) { nodes { email source contact { email metadata } } } }',
    )) as {
      data: { submissions: { nodes: { source: string; contact: { email: string; metadata: object } | null }[] } }
    }
    const found = data.submissions.nodes.filter(({ contact }) => contact?.email === email)
    return found.map(({ source, contact }) => ({ source, ...(contact?.metadata ?? {}) }))
  }
})

interface FetchParameters {
  readonly method: string
  readonly contentType: string
  readonly headers: Record<string, string>
  readonly payload: string
}

interface Workflow {
  readonly nodes: readonly [
    { readonly name: string },
    { readonly name: string; readonly parameters: RequestParameters },
  ]
  readonly connections: Readonly<Record<string, { readonly main: readonly (readonly { readonly node: string }[])[] }>>
}

interface RequestParameters {
  readonly url: string
  readonly method: string
  readonly headerParameters: { readonly parameters: readonly { readonly name: string; readonly value: string }[] }
  readonly jsonBody: string
}

/** Fills in the expressions of a value as n8n does: one that begins with `=` may have some in double braces. */
function filledIn(value: string, context: object): string {
  if (!value.startsWith('=')) return value
  return value
    .slice(1)
    .replace(/\{\{(.*?)\}\}(?!\})/g, (_, code: string) => String(runInNewContext(code, { ...context })))
}

async function verifies(receiver: ShellCommand, url: string): Promise<void> {
  const post = (headers: Record<string, string>) => fetch(url, { method: 'POST', body, headers })
  expect((await post({})).status).toBe(401)
  expect((await post(signed(`${body} `))).status).toBe(401)
  expect((await post({ ...signed(body), 'content-type': 'application/json' })).status).toBe(204)
  await receiver.said(/^verified contact\.created evt_1$/m)
  expect(receiver.output().match(/verified/g)).toHaveLength(1)
}

function startExample(file: string, environment: Record<string, string>): ShellCommand {
  return start(`${process.execPath} ${file}`, { ...environment, PORT: '0' })
}

function start(command: string, environment: Record<string, string> = {}): ShellCommand {
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`
  const shell = startShell(command, {
    folder: repository,
    environment: { PATH: path, PYTHONDONTWRITEBYTECODE: '1', ...environment },
  })
  onTestFinished(() => shell.stop())
  return shell
}

function signed(text: string): Record<string, string> {
  return signatureHeaders({
    eventId: 'evt_1',
    timestamp: Math.floor(Date.now() / 1000),
    body: text,
    secrets: { accepted: secret },
  })
}

function read(file: string): string {
  return readFileSync(join(repository, file), 'utf8')
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

describe('where webhooks of a server may lead', () => {
  let app: TestApp
  let api: ApiClient

  beforeAll(async () => {
    app = await startTestApp({ REX_WEBHOOK_ALLOW: '10.1.0.0/16,crm.internal' })
    api = createApiClient(app)
  })
  afterAll(() => app?.stop())

  /** Of a type that nothing here makes: no attempt follows. */
  const register = async (url: string) => {
    const { status, json } = await api.rest('POST', '/webhooks', { url, events: ['contact.erased'] })
    return json.error?.code ?? status
  }

  it.each(['http://10.1.2.3/', 'https://crm.internal/hook'])('is widened by REX_WEBHOOK_ALLOW: %s', async (url) => {
    expect(await register(url)).toBe(201)
  })

  it('is this machine when only this machine reaches the server', async () => {
    expect(await register('http://127.0.0.1:9/')).toBe(201)
  })

  it.each(['http://10.2.0.1/', 'http://erp.internal/', 'http://169.254.169.254/'])(
    'is no other inside: %s',
    async (url) => {
      expect(await register(url)).toBe('unsafe_url')
    },
  )
})

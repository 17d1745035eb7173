import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { describeReach, webhookReachOf } from '../../src/config/webhook-reach.ts'

describe('11.5: loopback for webhooks', () => {
  it.each([
    [{}, true],
    [{ HOST: '127.3.2.1' }, true],
    [{ HOST: '::1' }, true],
    [{ HOST: 'localhost' }, true],
    [{ NODE_ENV: 'development', REX_PUBLIC_URL: ' ', REX_TRUSTED_PROXIES: '', REX_BASE_DOMAIN: '' }, true],
    [{ HOST: '0.0.0.0' }, false],
    [{ HOST: '::' }, false],
    [{ HOST: '192.168.1.7' }, false],
    [{ HOST: 'rex.example.com' }, false],
    [{ REX_TRUSTED_PROXIES: '127.0.0.1' }, false],
    [{ REX_PUBLIC_URL: 'https://rex.example.com' }, false],
    [{ REX_PUBLIC_URL: 'http://127.0.0.1:4000' }, false],
    [{ REX_BASE_DOMAIN: 'rexgtm.com' }, false],
    [{ NODE_ENV: 'production' }, false],
    [{ NODE_ENV: ' production ' }, false],
    [{ HOST: 'localhost', NODE_ENV: 'production' }, false],
  ] as [Record<string, string>, boolean][])('with %j is implied: %s', (environment, allowLoopback) => {
    expect(webhookReachOf(readConfig(environment))).toEqual({ allow: [], allowLoopback })
  })

  it('is there all the same where it is listed', () => {
    const config = readConfig({ NODE_ENV: 'production', REX_WEBHOOK_ALLOW: '127.0.0.1,::1' })
    expect(webhookReachOf(config)).toEqual({ allow: ['127.0.0.1', '::1'], allowLoopback: false })
  })
})

describe('11.5: what webhooks may reach', () => {
  it.each([
    [{}, 'public addresses, loopback (this machine)'],
    [{ REX_PUBLIC_URL: 'https://rex.example.com' }, 'public addresses only'],
    [{ HOST: '0.0.0.0', REX_WEBHOOK_ALLOW: '10.0.0.0/8,crm' }, 'public addresses, 10.0.0.0/8, crm'],
  ] as [Record<string, string>, string][])('is said with %j', (environment, text) => {
    expect(describeReach(readConfig(environment))).toBe(text)
  })
})

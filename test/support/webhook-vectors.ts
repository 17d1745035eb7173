import { readFileSync } from 'node:fs'

/** A webhook of test/contract/webhooks.md. */
export interface WebhookVector {
  readonly secret: string
  readonly body: string
  readonly timestamp: number
  readonly headers: Readonly<Record<string, string>>
}

const contract = readFileSync(new URL('../contract/webhooks.md', import.meta.url), 'utf8')

/** Returns the vectors: a row of the table each, in the header of its family. */
export function readWebhookVectors(): WebhookVector[] {
  const [, body = '', time = ''] = /^Test vectors: body `(\{.*\})`, t `(\d+)`/m.exec(contract) ?? []
  const { id } = JSON.parse(body) as { id: string }
  const rows = [...contract.matchAll(/^\| `(whsec_\w+)` \| `([\w-]+)` \| `(.+)` \|$/gm)]
  return rows.map(([, secret = '', header = '', value = '']) => ({
    secret,
    body,
    timestamp: Number(time),
    headers:
      header === 'v1'
        ? { 'x-rex-signature': `t=${time},v1=${value}` }
        : { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': value },
  }))
}

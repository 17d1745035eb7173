import { createHmac } from 'node:crypto'

/**
 * Returns the secret that `rex listen` signs with: the same for the same server and key at each start, so that it is set
 * once where webhooks are received. It does not reveal the key.
 */
export function listenSecret(url: string, apiKey: string): string {
  const key = createHmac('sha256', apiKey).update(`rex listen\n${url}`).digest()
  return `whsec_${key.toString('base64')}`
}

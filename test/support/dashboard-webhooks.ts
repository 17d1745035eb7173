import { createHmac } from 'node:crypto'
import type { Page } from 'playwright-core'
import type { ReceivedWebhook } from './receiver.ts'

/** Returns the row of a delivery by its text. */
export const delivery = (page: Page, text: string | RegExp) =>
  page.getByRole('region', { name: 'Deliveries' }).locator('tbody tr').filter({ hasText: text })

/** Creates a webhook, and returns its secret while the dialog shows it. */
export async function createWebhook(page: Page, url: string): Promise<string> {
  await page.getByRole('button', { name: 'Create a webhook' }).first().click()
  await page.getByRole('dialog').getByLabel('URL').fill(url)
  await page.getByRole('button', { name: 'Create the webhook' }).click()
  return page.getByLabel('Signing secret').inputValue()
}

export async function createAndClose(page: Page, url: string): Promise<string> {
  const secret = await createWebhook(page, url)
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
  return secret
}

export async function openWebhook(page: Page, url: string): Promise<void> {
  await page.getByRole('link', { name: url }).click()
  await page.getByRole('heading', { name: url }).waitFor()
}

export function isSignedBy(secret: string, { headers, body }: ReceivedWebhook): boolean {
  const [, time, signature] = /^t=(\d+),v1=(\w+)/.exec(headers['x-rex-signature'] ?? '') ?? []
  return createHmac('sha256', secret).update(`${time}.${body}`).digest('hex') === signature
}

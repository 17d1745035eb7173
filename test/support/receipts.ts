import { expect } from 'vitest'

export const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}'

/** Shape of a receipt, with its keys in the order in which they are answered. */
export const receiptShape = {
  id: expect.stringMatching(new RegExp(`^cont_${ulid}$`)),
  email: expect.any(String),
  first_name: null,
  last_name: null,
  stage: 'lead',
  source: null,
  created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
}

/** Returns what the receipt repeats of the lead that a curl sends. */
export function sentBy(curl: string): { email: string } {
  const [, body = ''] = /-d '(.*)'$/s.exec(curl) ?? []
  const { metadata: _, ...fields } = JSON.parse(body)
  return fields
}

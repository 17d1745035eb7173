import { expect } from 'vitest'
import type { Received } from './http-client.ts'

/** Asserts what `/readyz` answers while something is missing: the error form, with the parts and why. */
export function expectNotReady(answer: Received, checks: Readonly<Record<string, string>>): void {
  const error = { code: 'unavailable', message: expect.any(String), request_id: expect.any(String) }
  expect({ status: answer.status, json: answer.json }).toEqual({ status: 503, json: { error: { ...error, checks } } })
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
}

/** Asserts the contract's error form, whole: status, code, and the fields that are named (with 422 and never else). */
export function expectProblem(answer: Received, status: number, code: string, paths?: readonly string[]): void {
  const fields = paths && { fields: paths.map((path) => ({ path, message: expect.any(String) })) }
  expect({ status: answer.status, json: answer.json }).toEqual({
    status,
    json: { error: { code, message: expect.any(String), ...fields, request_id: expect.any(String) } },
  })
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  if (status === 503) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
}

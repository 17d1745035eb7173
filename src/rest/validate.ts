import type { z } from 'zod'
import { invalidRequest } from '../platform/errors.ts'

/** A value of the schema. @throws AppError `invalid_request` that names every wrong field as the caller spells it */
export function validateFields<Value>(schema: z.ZodType<Value>, input: unknown): Value {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw invalidRequest(parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })))
}

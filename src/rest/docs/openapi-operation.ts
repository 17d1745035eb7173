import { z } from 'zod'
import { statusOfCode } from '../../platform/errors.ts'

/** One call of the REST part as it is documented. */
export interface Operation {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** In OpenAPI's spelling: `/webhooks/{id}`. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  /** The scope that its key needs; null where no key is needed. */
  readonly scope:
    | 'WEBHOOKS_READ'
    | 'WEBHOOKS_WRITE'
    | 'CONTACTS_READ'
    | 'CONTACTS_WRITE'
    | 'SOURCES_READ'
    | 'SOURCES_WRITE'
    | null
  readonly parameters?: readonly Parameter[]
  readonly body?: {
    readonly types: readonly string[]
    readonly schema: z.ZodType
    readonly example: unknown
    /** Fields that forms spell `name[key]=value`. */
    readonly deepFields?: readonly string[]
  }
  readonly success: Answer
  /** Further responses that are no failures. */
  readonly others?: readonly Answer[]
  readonly failures: readonly number[]
}

export interface Answer {
  readonly status: number
  readonly description: string
  readonly schema?: z.ZodType
  readonly type?: string
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly description: string
  readonly schema: z.ZodType
}

/** Parameters of every list. */
export const pageParameters: readonly Parameter[] = [
  { name: 'limit', in: 'query', description: 'How many.', schema: z.int().min(1).max(100).default(20) },
  { name: 'after', in: 'query', description: 'The `page.next` of the answer before.', schema: z.string().optional() },
]

/** Every failure has this form. */
export const errorShape = z
  .object({
    error: z.object({
      code: z.enum(Object.keys(statusOfCode)),
      message: z.string(),
      fields: z
        .array(z.object({ path: z.string(), message: z.string() }))
        .optional()
        .meta({ description: 'With 422 only.' }),
      checks: z
        .record(z.string(), z.string())
        .optional()
        .meta({ description: 'With `/readyz` only: what is missing, and why.' }),
      request_id: z.string(),
    }),
  })
  .meta({ id: 'Error' })

/** The form of every success. */
export const data = (schema: z.ZodType) => z.object({ data: schema })

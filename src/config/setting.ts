import type { z } from 'zod'

/** One setting: its schema and its description in `--help`. */
interface Setting<Value> {
  readonly schema: z.ZodType<Value, string | undefined>
  readonly shownDefault: string
  readonly meaning: string
}

export function setting<Value>(shownDefault: string, meaning: string, schema: z.ZodType<Value, string | undefined>) {
  return { schema, shownDefault, meaning } satisfies Setting<Value>
}

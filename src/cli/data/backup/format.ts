import { z } from 'zod'
import { keyMark } from '../keys.ts'

/** Types of frames, in the order in which a backup has them; `table`, `rows` and `digest` repeat for each table. */
export const frameTypes = {
  header: 'H',
  table: 'T',
  rows: 'R',
  digest: 'D',
  sequences: 'S',
  end: 'E',
} as const

export const formatName = 'rex-backup'
export const formatVersion = 1

export const header = z.object({
  format: z.literal(formatName),
  version: z.number(),
  rex: z.string(),
  createdAt: z.string(),
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })),
  /** Marks of the keys that the secrets are encrypted with. */
  keyMarks: z.array(keyMark),
  /** Keys in the format of REX_ENCRYPTION_KEYS, where the backup includes them. */
  keys: z.string().optional(),
})
export type Header = z.infer<typeof header>

export const tableHead = z.object({ name: z.string(), columns: z.array(z.string()) })
export const tableDigest = z.object({ rows: z.number(), checksum: z.string() })
export const sequenceValues = z.array(z.object({ name: z.string(), last: z.string() }))
/** SHA-256 of all frames before it. */
export const end = z.object({ sha256: z.string() })

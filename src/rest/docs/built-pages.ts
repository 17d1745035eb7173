import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'

const folder = new URL('../../generated/docs/', import.meta.url)

const builtPage = z.object({
  name: z.string(),
  label: z.string(),
  summary: z.string(),
  html: z.string(),
  markdown: z.string(),
})

/** A page of the documentation as `npm run generate:docs` builds it. */
export type BuiltPage = Readonly<z.infer<typeof builtPage>>

/** Reads the pages of the documentation. */
export function readBuiltPages(): readonly BuiltPage[] {
  if (!existsSync(folder)) throw new Error('The documentation is not built: run npm run generate:docs.')
  return z.array(builtPage).parse(JSON.parse(read('pages.json')))
}

/** Reads the script that searches the pages. */
export function readSearchScript(): string {
  return read('search.js')
}

function read(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8')
}

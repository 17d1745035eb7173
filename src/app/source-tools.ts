import { allKinds } from '../sources/kinds/all-kinds.ts'
import type { SourceTool } from '../web/dashboard.ts'

/** Returns the tools by title with their setup, for the dashboard, which may not import the kinds. */
export function sourceTools(): SourceTool[] {
  return allKinds
    .map(({ name, title, setup }) => ({ kind: name, title, setup }))
    .toSorted((one, other) => one.title.localeCompare(other.title, 'en'))
}

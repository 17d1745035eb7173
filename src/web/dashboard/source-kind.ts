import type { SourceKind } from '../../generated/graphql/graphql.ts'
import { type Child, element } from './element.ts'
import { sourceTools } from './source-tools.js'

/** Tool of a source that takes any webhook; the server finds out what it gets. */
const generic: (typeof sourceTools)[number] = {
  kind: 'GENERIC',
  title: 'Another tool',
  setup: [
    'Find the place in the tool that sends a **webhook** or calls a URL when somebody fills in a form.',
    'Paste the URL of the source there. Choose **POST** and, if you are asked, JSON with all fields.',
    'Send a test, or fill in the form yourself. What arrives is shown below.',
  ],
}

/** Every tool, the generic one first. */
export const tools = [generic, ...sourceTools]

const byKind = new Map(tools.map((tool) => [tool.kind, tool]))

export function toolOf(kind: SourceKind): (typeof tools)[number] {
  return byKind.get(kind) ?? generic
}

/** Returns text with Markdown's `**bold**` and code as nodes. */
export function markdownText(text: string): Child[] {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) => {
    if (part.startsWith('**')) return element('strong', {}, part.slice(2, -2))
    return part.startsWith('`') ? element('code', {}, part.slice(1, -1)) : part
  })
}

import { use } from 'react'
import type { SourceKind } from '../../../../generated/graphql/graphql.ts'

/** A tool that sends leads. */
interface SourceTool {
  readonly kind: SourceKind
  readonly title: string
  /** Three steps that enter the URL in the tool, in Markdown with only `**bold**` and code. */
  readonly setup: readonly string[]
}

/** Tool of a source that takes any webhook; the server finds out what it gets. */
const generic: SourceTool = {
  kind: 'GENERIC',
  title: 'Another tool',
  setup: [
    'Find the place in the tool that sends a **webhook** or calls a URL when somebody fills in a form.',
    'Paste the URL of the source there. Choose **POST** and, if you are asked, JSON with all fields.',
    'Send a test, or fill in the form yourself. What arrives is shown below.',
  ],
}

let reading: Promise<readonly SourceTool[]> | undefined

/** Returns all tools, the generic one first; the page waits until they are there. */
export function useSourceTools(): readonly SourceTool[] {
  reading ??= readTools()
  return use(reading)
}

/** Returns the tool of a kind. */
export function toolOf(tools: readonly SourceTool[], kind: SourceKind): SourceTool {
  return tools.find((tool) => tool.kind === kind) ?? generic
}

async function readTools(): Promise<readonly SourceTool[]> {
  try {
    const response = await fetch('/dashboard/source-tools.json')
    if (!response.ok) throw new Error(`The list of tools came with the status ${response.status}.`)
    return [generic, ...parseTools(await response.text())]
  } catch (error) {
    // The next view tries again.
    reading = undefined
    throw error
  }
}

function parseTools(text: string): readonly SourceTool[] {
  return JSON.parse(text) as readonly SourceTool[]
}

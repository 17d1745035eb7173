import type { SourceKind } from '../../generated/graphql/graphql.ts'

interface Tool {
  readonly kind: SourceKind
  readonly title: string
  /** Three steps that enter the URL in the tool, in Markdown with only `**bold**` and code. */
  readonly setup: readonly string[]
}

/** The tools by title, without GENERIC, written by the server when it starts. */
export const sourceTools: readonly Tool[]

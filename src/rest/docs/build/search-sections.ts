import { marked } from 'marked'
import { headingIds } from './heading-ids.ts'

/** Part of a page below one heading, as the search knows it. */
export interface SearchSection {
  readonly address: string
  readonly page: string
  readonly heading: string
  /** Every word of its text once, in lower case. */
  readonly words: string
}

/** Returns the sections of a page. */
export function searchSections(markdown: string, { name, label }: { readonly name: string; readonly label: string }) {
  const idOf = headingIds()
  const sections: { readonly id: string; readonly heading: string; text: string }[] = []
  for (const token of marked.lexer(markdown)) {
    if (token.type === 'heading') sections.push({ id: idOf(token['text']), heading: plain(token['text']), text: '' })
    const section = sections.at(-1)
    if (section !== undefined) section.text += `${token.raw}\n`
  }
  return sections.map(
    ({ id, heading, text }): SearchSection => ({
      address: `/docs/${name}#${id}`,
      page: label,
      heading,
      words: wordsOf(text),
    }),
  )
}

function plain(heading: string): string {
  return heading.replaceAll('`', '')
}

function wordsOf(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}_-]+/gu) ?? []
  return [...new Set(words)].join(' ')
}

import { posix } from 'node:path'
import { Marked, type Tokens } from 'marked'
import { escapeHtml } from '../../pages/html.ts'
import { headingIds } from './heading-ids.ts'
import { pageList } from './page-list.ts'

/** Address of a server as the pages write it; their links stay on the server that shows them. */
const exampleAddress = 'http://127.0.0.1:4000'

/** Returns the HTML of a page. HTML in the Markdown is shown as text, and comments are left out. */
export function renderMarkdown(markdown: string, file: string): string {
  const idOf = headingIds()
  const marked = new Marked({
    renderer: {
      html: ({ text }: Tokens.HTML | Tokens.Tag) => (text.trimStart().startsWith('<!--') ? '' : escapeHtml(text)),
      heading({ tokens, depth, text }: Tokens.Heading) {
        return `<h${depth} id="${escapeHtml(idOf(text))}">${this.parser.parseInline(tokens)}</h${depth}>\n`
      },
      link({ href, tokens }: Tokens.Link) {
        return renderLink(addressOf(href, file), this.parser.parseInline(tokens), repositoryPath(href, file))
      },
    },
  })
  return marked
    .parse(markdown, { async: false })
    .replaceAll('<table>', '<div class="wide"><table>')
    .replaceAll('</table>', '</table></div>')
}

/** Returns the Markdown with links to other pages as this server serves them. */
export function linkMarkdown(markdown: string, file: string): string {
  return markdown.replace(/\[([^[\]]+)\]\(([^)\s]+)\)/g, (_link, label: string, target: string) => {
    const address = addressOf(target, file)
    if (address === undefined) return placeOf(label, repositoryPath(target, file), (path) => `\`${path}\``)
    const [path = '', fragment] = address.split('#')
    const served = path.startsWith('/docs/') ? `${path}.md` : path
    return `[${label}](${served}${fragment === undefined ? '' : `#${fragment}`})`
  })
}

function renderLink(address: string | undefined, label: string, path: string): string {
  if (address !== undefined) return `<a href="${escapeHtml(address)}">${label}</a>`
  return placeOf(label, escapeHtml(path), (escaped) => `<code>${escaped}</code>`)
}

/** Names the path of a file that is not served, in place of its link. */
function placeOf(label: string, path: string, asCode: (path: string) => string): string {
  return label.includes(path) ? `${label} (in the repository)` : `${label} (${asCode(path)} in the repository)`
}

function repositoryPath(href: string, file: string): string {
  return posix.join(posix.dirname(file), href)
}

/** Returns the address of what a link names, or undefined for a file that is not served. */
function addressOf(href: string, file: string): string | undefined {
  if (href.startsWith(`${exampleAddress}/`)) return href.slice(exampleAddress.length)
  if (/^(?:https?:\/\/|#)/.test(href)) return href
  const [path = '', fragment] = href.split('#')
  const target = repositoryPath(path, file)
  const page = pageList.find((each) => each.file === target)
  return page && `/docs/${page.name}${fragment === undefined ? '' : `#${fragment}`}`
}

import type { SourceDetailsFragment } from '../../generated/graphql/graphql.ts'
import { copyRow } from './copy-row.ts'
import { element, replaceContent } from './element.ts'
import { markdownText, toolOf } from './source-kind.ts'

/** Creates the card with the URL of a source, and where its tool takes it. */
export function createSourceSetup(): { readonly node: HTMLElement; show(source: SourceDetailsFragment): void } {
  const node = element('div', { class: 'card secret' })
  let shown = ''
  const show = ({ url, kind }: SourceDetailsFragment) => {
    // What is selected, or was just copied, stays while nothing has changed.
    if (shown === `${kind} ${url}`) return
    shown = `${kind} ${url}`
    const { title, setup } = toolOf(kind)
    replaceContent(
      node,
      element('label', { for: 'source-url' }, 'URL of the source'),
      copyRow('source-url', url),
      element('h3', {}, `In ${title === 'Another tool' ? 'the tool' : title}`),
      element(
        'ol',
        { class: 'steps' },
        setup.map((step) => element('li', {}, markdownText(step))),
      ),
      element('p', { class: 'soft' }, 'Whoever knows the URL can add leads to this source, and nothing else.'),
    )
  }
  return { node, show }
}

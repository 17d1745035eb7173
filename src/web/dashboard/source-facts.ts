import type { SourceDetailsFragment } from '../../generated/graphql/graphql.ts'
import { badge } from './badge.ts'
import { type Child, element, moment, replaceContent, untrustedText } from './element.ts'
import { toolOf } from './source-kind.ts'
import { statsSummary } from './source-stats.ts'

/** Creates the name of a source and what is known about it. */
export function sourceFacts(): { readonly node: HTMLElement; show(source: SourceDetailsFragment): void } {
  const node = element('div')
  const show = (source: SourceDetailsFragment) => {
    const { name, kind, enabled, verified, lastReceivedAt } = source
    const facts: [string, Child][] = [
      ['Tool', toolOf(kind).title],
      ['Status', badge(enabled ? 'ENABLED' : 'DISABLED')],
      ['Requests', verified ? 'verified with the secret' : 'unverified: no secret is set'],
      ['Last received', moment(lastReceivedAt)],
      ['In 24 hours', statsSummary(source)],
    ]
    const rows = facts.map(([title, value]) => [element('dt', {}, title), element('dd', {}, value)])
    replaceContent(node, element('h3', { class: 'url' }, untrustedText(name)), element('dl', { class: 'values' }, rows))
  }
  return { node, show }
}

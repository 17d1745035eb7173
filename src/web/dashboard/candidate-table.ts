import type { PreviewFragment } from '../../generated/graphql/graphql.ts'
import { type Child, element, untrustedText } from './element.ts'
import { fieldChoice } from './field-choice.ts'
import { fieldName, fieldOfPath, type Rule } from './mapping.ts'

type Candidate = PreviewFragment['candidates'][number]

interface CandidateTable {
  readonly node: HTMLElement
  /** Shows the fields that these rules give to the paths. */
  show(rules: readonly Rule[]): void
}

/** Creates the table of a payload's paths, values and fields. Without `choose` it is only shown. */
export function candidateTable(
  candidates: readonly Candidate[],
  choose: ((path: string, field: string) => void) | undefined,
): CandidateTable {
  const fields = candidates.map((candidate) => (choose ? fieldChoice(candidate, choose) : fieldText(candidate)))
  const rows = candidates.map(({ path, value }, nth) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, element('code', {}, untrustedText(path))),
      element('td', {}, untrustedText(value)),
      element('td', {}, fields[nth]?.node),
    ),
  )
  const names = ['Path', 'Value', 'Field'].map((name) => element('th', { scope: 'col' }, name))
  const table = element(
    'table',
    { class: 'candidates' },
    element('thead', {}, element('tr', {}, names)),
    element('tbody', {}, rows),
  )
  const show = (rules: readonly Rule[]) => {
    for (const [nth, { path }] of candidates.entries()) fields[nth]?.show(fieldOfPath(rules, path))
  }
  return { node: element('div', { class: 'wide' }, table), show }
}

function fieldText({ guess }: Candidate): { readonly node: Child & Node; show(field: string): void } {
  const node = element('span')
  return { node, show: (field) => node.replaceChildren(untrustedText(fieldName(field || guess || '–'))) }
}

import type { PreviewFragment } from '../../generated/graphql/graphql.ts'
import { badge } from './badge.ts'
import { element, untrustedText } from './element.ts'
import { reasonsText } from './reasons.ts'
import { toolOf } from './source-kind.ts'
import { valueList } from './values.ts'

/** Creates the summary of what would become of a payload. */
export function previewResult(preview: PreviewFragment): HTMLElement {
  const { status, recognizedKind, email, firstName, lastName, source, metadata } = preview
  const reasons = reasonsText(preview)
  return element(
    'div',
    { class: 'card result', role: 'group', 'aria-label': 'Result' },
    element('h3', {}, 'Result'),
    element(
      'p',
      {},
      badge(status),
      reasons ? [' ', untrustedText(reasons)] : null,
      recognizedKind ? ` It has the shape of ${toolOf(recognizedKind).title}.` : null,
    ),
    valueList({ 'E-mail': email, 'First name': firstName, 'Last name': lastName, Source: source, metadata }),
  )
}

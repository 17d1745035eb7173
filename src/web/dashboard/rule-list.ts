import { button } from './async-button.ts'
import { element, replaceContent, untrustedText } from './element.ts'
import { fieldName, type Rule } from './mapping.ts'

/** Creates the list of the rules of a mapping. Without `remove` it is only shown. */
export function createRuleList(remove: ((rule: Rule) => void) | undefined) {
  const node = element('div')
  const row = (rule: Rule) =>
    element(
      'li',
      {},
      untrustedText(fieldName(rule.field)),
      ' ← ',
      element('code', {}, untrustedText(rule.paths.join(' | '))),
      remove
        ? [' ', button('Remove', async () => remove(rule), { class: 'quiet', 'aria-label': `Remove ${rule.field}` })]
        : null,
    )
  const show = (rules: readonly Rule[]) =>
    replaceContent(
      node,
      rules.length === 0
        ? element('p', { class: 'soft' }, 'No rules: every field is as Rex finds it.')
        : element('ul', { class: 'rules' }, rules.map(row)),
    )
  return { node, show }
}

import { element } from './element.ts'
import type { LiveState } from './stream.ts'

const words = { connecting: 'Connecting …', live: 'Live', reconnecting: 'Reconnecting …' }

/** The line that tells whether what is shown is what is. */
export function liveLine(): { readonly node: HTMLElement; show(state: LiveState): void } {
  const node = element('p', { class: 'live', role: 'status' })
  const show = (state: LiveState) => {
    const word = state.kind === 'refused' ? `Not live: ${state.why}.` : words[state.kind]
    node.dataset['state'] = state.kind
    if (node.textContent !== word) node.textContent = word
  }
  return { node, show }
}

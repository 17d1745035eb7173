import { element } from './element.ts'
import type { LiveState } from './stream.ts'

const words = { connecting: 'Connecting …', live: 'Live', reconnecting: 'Reconnecting …' }

/** Creates the line that shows whether the page is up to date. */
export function liveLine(): { readonly node: HTMLElement; show(state: LiveState): void } {
  const node = element('p', { class: 'live', role: 'status' })
  const show = (state: LiveState) => {
    const message = state.kind === 'refused' ? `Not live: ${state.why}.` : words[state.kind]
    node.dataset['state'] = state.kind
    if (node.textContent !== message) node.textContent = message
  }
  return { node, show }
}

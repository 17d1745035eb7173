import { createElement, Fragment, type ReactNode } from 'react'

/** A step of a setup: text with Markdown's `**bold**` and code. */
export function StepText({ text }: { readonly text: string }) {
  const parts = text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map(partOf)
  // Each part has its fixed place: none needs a key.
  return createElement(Fragment, null, ...parts)
}

function partOf(part: string): ReactNode {
  if (part.startsWith('**')) return <strong>{part.slice(2, -2)}</strong>
  return part.startsWith('`') ? <code>{part.slice(1, -1)}</code> : part
}

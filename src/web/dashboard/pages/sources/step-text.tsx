/** A step of a setup: text with Markdown's `**bold**` and code. */
export function StepText({ text }: { readonly text: string }) {
  const parts = text.split(/(\*\*[^*]+\*\*|`[^`]+`)/)
  return parts.map((part, nth) => <Part key={`${nth} ${part}`} part={part} />)
}

function Part({ part }: { readonly part: string }) {
  if (part.startsWith('**')) return <strong>{part.slice(2, -2)}</strong>
  return part.startsWith('`') ? <code>{part.slice(1, -1)}</code> : part
}

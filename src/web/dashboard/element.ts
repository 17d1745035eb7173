/** Attributes by name; a function is a listener for the event of that name. */
type Properties = Readonly<Record<string, string | number | boolean | ((event: Event) => void)>>
export type Child = Node | string | number | null | undefined | readonly Child[]

/** Creates an element from nodes and text; text is never parsed as HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') node.addEventListener(name, value)
    else if (value !== false) node.setAttribute(name, value === true ? '' : String(value))
  }
  node.append(...nodesOf(children))
  return node
}

function nodesOf(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child): (Node | string)[] => {
    if (child === null || child === undefined) return []
    if (child instanceof Node) return [child]
    return typeof child === 'object' ? nodesOf(child) : [String(child)]
  })
}

/** Replaces the content of a node. */
export function replaceContent(node: Element, ...children: readonly Child[]): void {
  node.replaceChildren(...nodesOf(children))
}

/** Creates an element for untrusted text, which isolates the text's direction and direction overrides. */
export function untrustedText(text: string | null | undefined): HTMLElement {
  return element('bdi', {}, text)
}

const wording = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** Creates an element with a time in the reader's time zone; its title is the exact time. */
export function moment(time: string | null | undefined): Child {
  return time ? element('time', { datetime: time, title: time }, wording.format(new Date(time))) : '–'
}

/** Creates a notice with the scope that a key needs. */
export function scopeNotice(scope: string, what: string): HTMLElement {
  return element('p', { class: 'soft needs' }, `${what} needs a key with the scope `, element('code', {}, scope), '.')
}

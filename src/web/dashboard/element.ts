/** Attributes by their names; a function listens to the event of its name. */
type Properties = Readonly<Record<string, string | number | boolean | ((event: Event) => void)>>
export type Child = Node | string | number | null | undefined | readonly Child[]

/** Makes a node of nodes and text: nothing that is given here is ever read as HTML. */
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

/** Puts these in place of what the node holds. */
export function fill(node: Element, ...children: readonly Child[]): void {
  node.replaceChildren(...nodesOf(children))
}

/** What somebody else wrote: its direction, and what overrides it, ends where it does. */
export function foreign(text: string | null | undefined): HTMLElement {
  return element('bdi', {}, text)
}

const wording = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** A moment in the reader's own time; the exact one is its title. */
export function moment(time: string | null | undefined): Child {
  return time ? element('time', { datetime: time, title: time }, wording.format(new Date(time))) : '–'
}

/** What a key would have to be allowed to. */
export function needs(scope: string, what: string): HTMLElement {
  return element('p', { class: 'soft needs' }, `${what} needs a key with the scope `, element('code', {}, scope), '.')
}

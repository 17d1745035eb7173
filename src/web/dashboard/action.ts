import { element } from './element.ts'
import { Refusal } from './refusal.ts'

/** What is said of a failure. */
export function wordOf(error: unknown): string {
  if (!(error instanceof Refusal)) return 'Something went wrong here. Load the page again.'
  if (error.code === 'INTERNAL') return 'Something went wrong at the server.'
  return error.issues.map(({ message }) => message).join(' ') || error.message
}

/** A button for work that takes a while: it is pressed once at a time, and stays where the focus is. */
export function button(
  name: string,
  work: () => Promise<void>,
  { tell = () => {}, ...properties }: ButtonOptions = {},
): HTMLButtonElement {
  const node = element('button', { type: 'button', ...properties }, name)
  const press = async () => {
    if (node.ariaDisabled === 'true') return
    node.ariaDisabled = 'true'
    tell('')
    await work().catch((error: unknown) => tell(wordOf(error)))
    node.ariaDisabled = null
  }
  node.addEventListener('click', () => void press())
  return node
}

interface ButtonOptions {
  readonly class?: string
  /** Told what went wrong, and before with an empty text that it is tried. */
  readonly tell?: (word: string) => void
}

import { button } from './async-button.ts'
import { element } from './element.ts'

interface ConfirmParts {
  readonly name: string
  /** Description of the work, as a sentence. */
  readonly warning: string
  readonly confirmation: string
  readonly showMessage: (message: string) => void
}

/** Creates a button that asks for confirmation, for work that cannot be undone. */
export function confirmButton(parts: ConfirmParts, work: () => Promise<void>): HTMLElement {
  const { name, warning, confirmation, showMessage } = parts
  const first = button(name, async () => showQuestion(true), { showMessage })
  const keep = button('Cancel', async () => showQuestion(false))
  const question = element(
    'span',
    { class: 'buttons', hidden: true },
    warning,
    button(confirmation, work, { showMessage, class: 'bad' }),
    keep,
  )
  const showQuestion = (isConfirming: boolean) => {
    first.hidden = isConfirming
    question.hidden = !isConfirming
    ;(isConfirming ? keep : first).focus()
  }
  return element('span', {}, first, question)
}

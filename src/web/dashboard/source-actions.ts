import type { SourceDetailsFragment } from '../../generated/graphql/graphql.ts'
import { button } from './async-button.ts'
import { confirmButton } from './confirm-button.ts'
import { element } from './element.ts'
import { unwrapResult } from './problems.ts'
import type { ViewContext } from './view-context.ts'

/** Creates the buttons that switch a source, give it a new URL and delete it. */
export function sourceActions({ api }: ViewContext, id: string, changed: (source: SourceDetailsFragment) => void) {
  const message = element('p', { class: 'problem', role: 'status' })
  const showMessage = (text: string) => message.replaceChildren(text)
  let isEnabled = true
  const toggle = async () => {
    const { updateSource: result } = await api.mutate('UpdateSource', { input: { id, enabled: !isEnabled } })
    changed(unwrapResult<SourceDetailsFragment>(result))
  }
  const rotate = async () => {
    changed(unwrapResult<SourceDetailsFragment>((await api.mutate('RotateSourceUrl', { id })).rotateSourceUrl))
    showMessage('The source has a new URL. The old one stays valid for 24 hours.')
  }
  const remove = async () => {
    unwrapResult<object>((await api.mutate('DeleteSource', { id })).deleteSource)
    location.hash = '#sources'
  }
  const toggleButton = button('Disable', toggle, { showMessage })
  const deletion = {
    name: 'Delete',
    warning: 'Its URL stops working at once. What it received stays.',
    confirmation: 'Delete permanently',
    showMessage,
  }
  return {
    node: element(
      'div',
      {},
      element(
        'div',
        { class: 'buttons' },
        toggleButton,
        button('New URL', rotate, { showMessage }),
        confirmButton(deletion, remove),
      ),
      message,
    ),
    show: ({ enabled }: SourceDetailsFragment) => {
      isEnabled = enabled
      toggleButton.replaceChildren(enabled ? 'Disable' : 'Enable')
    },
  }
}

import { useState } from 'react'
import {
  DeleteSourceDocument,
  RotateSourceUrlDocument,
  UpdateSourceDocument,
} from '../../../../../generated/graphql/graphql.ts'
import { useChange } from '../../../connection/reading.ts'
import { Button } from '../../../parts/controls/button.tsx'
import { ConfirmDialog } from '../../../parts/messages/confirm-dialog.tsx'
import { showToast } from '../../../parts/messages/toast.tsx'
import { navigate } from '../../../routing/fragment-location.ts'
import type { SourcePartProps } from './source-part-props.ts'

/** Buttons that switch a source, give it a new URL and delete it. */
export function SourceActions({ source, onChanged }: SourcePartProps) {
  const { id, enabled } = source
  const [isDeleting, setDeleting] = useState(false)
  const update = useChange(UpdateSourceDocument, ({ updateSource }) => updateSource)
  const rotation = useChange(RotateSourceUrlDocument, ({ rotateSourceUrl }) => rotateSourceUrl)
  const toggle = async () => {
    const outcome = await update.change({ input: { id, enabled: !enabled } })
    if (outcome.kind === 'failed') return showToast(outcome.problem.message, 'bad')
    showToast(enabled ? 'The source is disabled: what arrives is held.' : 'The source is enabled.', 'good')
    onChanged()
  }
  const rotate = async () => {
    const outcome = await rotation.change({ id })
    if (outcome.kind === 'failed') return showToast(outcome.problem.message, 'bad')
    showToast('The source has a new URL. The old one stays valid for 24 hours.', 'good')
    onChanged()
  }
  return (
    <>
      <Button isBusy={update.isChanging} onClick={() => void toggle()}>
        {enabled ? 'Disable' : 'Enable'}
      </Button>
      <Button isBusy={rotation.isChanging} onClick={() => void rotate()}>
        New URL
      </Button>
      <Button look="danger" onClick={() => setDeleting(true)}>
        Delete
      </Button>
      {isDeleting && <DeleteSource id={id} name={source.name} onClose={() => setDeleting(false)} />}
    </>
  )
}

interface DeleteSourceProps {
  readonly id: string
  readonly name: string
  readonly onClose: () => void
}

function DeleteSource({ id, name, onClose }: DeleteSourceProps) {
  const { change, isChanging } = useChange(DeleteSourceDocument, ({ deleteSource }) => deleteSource)
  const remove = async () => {
    const outcome = await change({ id })
    onClose()
    if (outcome.kind === 'failed') return showToast(outcome.problem.message, 'bad')
    showToast('The source is deleted.', 'good')
    navigate('/sources')
  }
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      action="Delete permanently"
      isBusy={isChanging}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      Its URL stops working at once. What it received stays.
    </ConfirmDialog>
  )
}

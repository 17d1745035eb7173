import { Download, Eraser, Pencil } from 'lucide-react'
import { useState } from 'react'
import { LeadExportDocument } from '../../../../../generated/graphql/graphql.ts'
import { problemOf } from '../../../connection/problem.ts'
import { useMay, useSignedIn } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { showToast } from '../../../parts/messages/toast.tsx'
import { saveFile } from '../export/save-file.ts'
import { EditLead } from './edit-lead.tsx'
import { EraseLead } from './erase-lead.tsx'
import type { LeadDetails } from './use-lead.ts'

interface LeadActionsProps {
  readonly lead: LeadDetails
  readonly reload: () => void
  readonly onErased: () => void
}

/** Actions of a lead, as far as the key allows them. */
export function LeadActions({ lead, reload, onErased }: LeadActionsProps) {
  const [opened, open] = useState<'edit' | 'erase'>()
  const [mayWrite, maySee, mayErase] = [useMay('CONTACTS_WRITE'), useMay('PII_READ'), useMay('PRIVACY_ERASE')]
  const close = () => open(undefined)
  return (
    <>
      {mayWrite && (
        <Button onClick={() => open('edit')}>
          <Pencil size={16} aria-hidden />
          Edit
        </Button>
      )}
      {maySee && <ExportHeld id={lead.id} />}
      {mayErase && (
        <Button look="danger" onClick={() => open('erase')}>
          <Eraser size={16} aria-hidden />
          Erase
        </Button>
      )}
      {opened === 'edit' && <EditLead lead={lead} reload={reload} onClose={close} />}
      {opened === 'erase' && <EraseLead lead={lead} onErased={onErased} onClose={close} />}
    </>
  )
}

/** Saves everything that is held about a person, for an access request. */
function ExportHeld({ id }: { readonly id: string }) {
  const { client } = useSignedIn().connection
  const [isBusy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    const { data, error } = await client
      .query(LeadExportDocument, { id }, { requestPolicy: 'network-only' })
      .toPromise()
    setBusy(false)
    if (!data) return showToast(error ? problemOf(error).message : 'The server sent no result.', 'bad')
    const text = JSON.stringify(data.contactExport, null, 2)
    saveFile(new Blob([text], { type: 'application/json' }), `${id}.json`)
  }
  return (
    <Button isBusy={isBusy} onClick={() => void save()}>
      <Download size={16} aria-hidden />
      Export everything held
    </Button>
  )
}

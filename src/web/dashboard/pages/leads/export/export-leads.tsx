import { Download } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useSignedIn } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { Choice } from '../../../parts/controls/choice.tsx'
import { Dialog } from '../../../parts/messages/dialog.tsx'
import { isEmptyFilter, type LeadFilter } from '../list/lead-filter.ts'
import { type ExportFormat, type ExportProgress, readExport } from './export-stream.ts'
import { saveFile } from './save-file.ts'

const formats: readonly { readonly value: ExportFormat; readonly name: string }[] = [
  { value: 'csv', name: 'CSV' },
  { value: 'json', name: 'JSON' },
]

/** Exports the leads of the filters. */
export function ExportButton({ filter }: { readonly filter: LeadFilter }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Download size={16} aria-hidden />
        Export
      </Button>
      {isOpen && <ExportDialog filter={filter} onClose={() => setOpen(false)} />}
    </>
  )
}

type Run =
  | { readonly kind: 'none' }
  | { readonly kind: 'running' | 'done'; readonly progress: ExportProgress }
  | { readonly kind: 'failed'; readonly message: string }

interface ExportDialogProps {
  readonly filter: LeadFilter
  readonly onClose: () => void
}

function ExportDialog({ filter, onClose }: ExportDialogProps) {
  const [format, setFormat] = useState<ExportFormat>('csv')
  const { run, start } = useExport(filter, format)
  return (
    <Dialog title="Export leads" onClose={onClose}>
      <p>
        {isEmptyFilter(filter) ? 'All leads, newest first.' : 'All leads that match the search and the filters.'} In CSV
        an apostrophe keeps spreadsheets from running a text as a formula.
      </p>
      <Choice<ExportFormat> label="Format" options={formats} value={format} onChange={setFormat} />
      <p role="status">{run.kind === 'none' ? '' : wordsOf(run)}</p>
      <div className="dialog-actions">
        <Button onClick={onClose}>{run.kind === 'done' ? 'Close' : 'Cancel'}</Button>
        <Button look="primary" isBusy={run.kind === 'running'} onClick={() => void start()}>
          Export
        </Button>
      </div>
    </Dialog>
  )
}

function wordsOf(run: Exclude<Run, { kind: 'none' }>): string {
  if (run.kind === 'failed') return run.message
  const { rows, bytes } = run.progress
  const amount = `${rows.toLocaleString()} leads, ${Math.ceil(bytes / 1024).toLocaleString()} KB`
  return run.kind === 'running' ? `Reading … ${amount}` : `Saved: ${amount}.`
}

/** Runs an export, which ends when the dialog closes. */
function useExport(filter: LeadFilter, format: ExportFormat): { run: Run; start(): Promise<void> } {
  const { headers } = useSignedIn().connection
  const [run, setRun] = useState<Run>({ kind: 'none' })
  const lifetime = useRef<AbortController>(undefined)
  useEffect(() => () => lifetime.current?.abort(), [])
  const start = async () => {
    lifetime.current = new AbortController()
    const { signal } = lifetime.current
    const onProgress = (progress: ExportProgress) => setRun({ kind: 'running', progress })
    try {
      const { file, progress } = await readExport({ filter, format, headers, signal, onProgress })
      saveFile(file, `leads.${format}`)
      setRun({ kind: 'done', progress })
    } catch (error) {
      if (!signal.aborted) setRun({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
    }
  }
  return { run, start }
}

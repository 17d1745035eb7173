import { Link } from 'wouter'
import type { LeadFragment } from '../../../../../generated/graphql/graphql.ts'
import type { Column } from '../../../parts/data/virtual-table.tsx'
import { Badge } from '../../../parts/surface/badge.tsx'
import { countText } from '../../../parts/values/numbers.ts'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { useListParts } from './list-context.ts'

interface CellProps {
  readonly lead: LeadFragment
}

interface LeadColumn {
  readonly id: string
  readonly name: string
  readonly Cell: (props: CellProps) => React.ReactNode
}

/** Columns that one can choose, in their order. */
export const choosable: readonly LeadColumn[] = [
  { id: 'email', name: 'E-mail', Cell: ({ lead }) => <Text text={lead.email} /> },
  { id: 'stage', name: 'Stage', Cell: StageCell },
  { id: 'source', name: 'Source', Cell: ({ lead }) => <Text text={lead.source} /> },
  { id: 'campaign', name: 'Campaign', Cell: ({ lead }) => <Text text={lead.firstTouch?.campaign} /> },
  { id: 'landing', name: 'Landing page', Cell: ({ lead }) => <Text text={lead.firstTouch?.landingPage} /> },
  { id: 'submissions', name: 'Submissions', Cell: ({ lead }) => countText(lead.submissionCount) },
  { id: 'created', name: 'Since', Cell: ({ lead }) => <RelativeTime at={lead.createdAt} /> },
  { id: 'changed', name: 'Changed', Cell: ({ lead }) => <RelativeTime at={lead.updatedAt} /> },
  { id: 'seen', name: 'Last seen', Cell: ({ lead }) => <RelativeTime at={lead.lastSeenAt} /> },
]

const shownAtFirst = ['email', 'stage', 'source', 'campaign', 'created']

/** Returns the ids of columns that were stored, else those that are shown at first. */
export function parseColumnIds(stored: unknown): readonly string[] {
  if (!Array.isArray(stored)) return shownAtFirst
  return choosable.map(({ id }) => id).filter((id) => stored.includes(id))
}

/** Returns the columns with these ids; those that select only for who may change leads. */
export function columnsOf(
  ids: readonly string[],
  { mayWrite }: { readonly mayWrite: boolean },
): Column<LeadFragment>[] {
  const chosen = choosable.filter(({ id }) => ids.includes(id))
  const name: LeadColumn = { id: 'lead', name: 'Lead', Cell: NameCell }
  const rest = [name, ...chosen].map(({ id, name: header, Cell }): Column<LeadFragment> => {
    return { id, header, cell: ({ row }) => <Cell lead={row.original} /> }
  })
  if (!mayWrite) return rest
  return [{ id: 'select', header: SelectAll, cell: ({ row }) => <SelectCell lead={row.original} /> }, ...rest]
}

function Text({ text }: { readonly text: string | null | undefined }) {
  if (text == null || text === '') return <span className="soft">–</span>
  return (
    <span className="lead-text" title={text}>
      <Untrusted text={text} />
    </span>
  )
}

function NameCell({ lead }: CellProps) {
  const { query } = useListParts()
  return (
    <Link className="lead-text lead-name" href={`/leads/${lead.id}${query}`} title={lead.displayName}>
      <Untrusted text={lead.displayName} />
    </Link>
  )
}

function StageCell({ lead }: CellProps) {
  const { mayWrite, stages, changeStage } = useListParts()
  if (!mayWrite)
    return (
      <Badge>
        <Untrusted text={lead.stage} />
      </Badge>
    )
  const options = stages.includes(lead.stage) ? stages : [lead.stage, ...stages]
  return (
    <select
      className="stage-select"
      aria-label={`Stage of ${lead.displayName}`}
      value={lead.stage}
      onChange={({ target }) => changeStage(lead, target.value)}
    >
      {options.map((stage) => (
        <option key={stage}>{stage}</option>
      ))}
    </select>
  )
}

function SelectCell({ lead: { id, displayName } }: CellProps) {
  const { selection } = useListParts()
  return (
    <label className="lead-select">
      <input
        type="checkbox"
        aria-label={`Select ${displayName}`}
        checked={selection.ids.has(id)}
        onChange={() => selection.toggle(id)}
      />
    </label>
  )
}

function SelectAll() {
  const { selection } = useListParts()
  return (
    <label className="lead-select">
      <input
        type="checkbox"
        aria-label="Select all that are loaded"
        checked={selection.isAll}
        onChange={() => selection.toggleAll()}
      />
    </label>
  )
}

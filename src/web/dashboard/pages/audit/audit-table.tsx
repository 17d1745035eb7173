import type { AuditQuery } from '../../../../generated/graphql/graphql.ts'
import { Table } from '../../parts/data/table.tsx'
import { RelativeTime } from '../../parts/values/relative-time.tsx'
import { Untrusted } from '../../parts/values/untrusted.tsx'

type Entry = AuditQuery['auditLog']['nodes'][number]

interface AuditTableProps {
  readonly label: string
  readonly entries: readonly Entry[]
  readonly nameOf: (actor: string) => string
}

/** Entries of the audit log. */
export function AuditTable({ label, entries, nameOf }: AuditTableProps) {
  return (
    <Table label={label} columns={['When', 'Who', 'What', 'Of', 'Details']}>
      {entries.map((entry) => (
        <tr key={entry.id} data-id={entry.id}>
          <td>
            <RelativeTime at={entry.at} />
          </td>
          <td title={entry.actor}>
            <Untrusted text={nameOf(entry.actor)} />
          </td>
          <td>{entry.action}</td>
          <td>
            <code>{entry.targetId}</code>
          </td>
          <td className="soft">
            <Untrusted text={detailsText(entry.details)} />
          </td>
        </tr>
      ))}
    </Table>
  )
}

function detailsText(details: unknown): string {
  const entries = typeof details === 'object' && details !== null ? Object.entries(details) : []
  return entries
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}

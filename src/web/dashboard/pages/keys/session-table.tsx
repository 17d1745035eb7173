import { EndSessionDocument, SessionsDocument } from '../../../../generated/graphql/graphql.ts'
import { useChange, useReading } from '../../connection/reading.ts'
import { Button } from '../../parts/controls/button.tsx'
import { Table } from '../../parts/data/table.tsx'
import { showToast } from '../../parts/messages/toast.tsx'
import { Badge } from '../../parts/surface/badge.tsx'
import { Card } from '../../parts/surface/card.tsx'
import { Failure } from '../../parts/surface/empty-state.tsx'
import { Skeleton } from '../../parts/surface/skeleton.tsx'
import { RelativeTime } from '../../parts/values/relative-time.tsx'
import { Untrusted } from '../../parts/values/untrusted.tsx'

const columns = ['Browser', 'Signed in', 'Last used', 'Ends', '']

/** Browsers that are signed in by a link or a key. */
export function SessionTable() {
  const { data, problem, reload } = useReading(SessionsDocument, {})
  const { change, isChanging } = useChange(EndSessionDocument, ({ endSession }) => endSession)
  const end = async (id: string) => {
    const outcome = await change({ id })
    if (outcome.kind === 'failed') return showToast(outcome.problem.message, 'bad')
    showToast('The session has ended.', 'good')
    reload()
  }
  if (!data)
    return (
      <Card title="Sessions">
        {problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={2} />}
      </Card>
    )
  return (
    <Card title="Sessions">
      {data.sessions.length === 0 && <p className="soft">No browser is signed in by a sign-in link.</p>}
      {data.sessions.length > 0 && (
        <Table label="Sessions" columns={columns}>
          {data.sessions.map((session) => (
            <tr key={session.id} data-id={session.id}>
              <td>
                <Untrusted text={session.userAgent} /> {session.current && <Badge tone="accent">this browser</Badge>}
              </td>
              <td>
                <RelativeTime at={session.createdAt} />
              </td>
              <td>
                <RelativeTime at={session.lastUsedAt} />
              </td>
              <td>
                <RelativeTime at={session.expiresAt} />
              </td>
              <td>
                <Button look="danger" isBusy={isChanging} onClick={() => void end(session.id)}>
                  End
                </Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  )
}

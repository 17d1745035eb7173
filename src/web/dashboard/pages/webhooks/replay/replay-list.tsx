import { ReplaysDocument, type ReplaysQuery } from '../../../../../generated/graphql/graphql.ts'
import { usePolling } from '../../../connection/polling.ts'
import { useReading } from '../../../connection/reading.ts'
import { useLive } from '../../../connection/signed-in.tsx'
import { Table } from '../../../parts/data/table.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import { countText } from '../../../parts/values/numbers.ts'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import { exactTime } from '../../../parts/values/times.ts'
import { useReloadSoon } from '../use-reload-soon.ts'
import { ReplayBar } from './replay-bar.tsx'

type Replay = NonNullable<ReplaysQuery['webhookEndpoint']>['replays'][number]

const everyMs = 2000

/** Newest replays to a webhook with their progress; nothing if there are none. */
export function ReplayList({ endpointId }: { readonly endpointId: string }) {
  const { data, reload } = useReading(ReplaysDocument, { endpointId })
  const reloadSoon = useReloadSoon(reload)
  const replays = data?.webhookEndpoint?.replays ?? []
  const isRunning = replays.some(({ completedAt }) => completedAt === null)
  useLive('deliveries', ({ endpoint }) => {
    if (endpoint?.id === endpointId) reloadSoon()
  })
  usePolling(everyMs, () => {
    if (isRunning) reload()
  })
  if (replays.length === 0) return null
  return (
    <Card title="Replays">
      <Table label="Replays" columns={['Requested', 'Events from', 'Events until', 'On their way']}>
        {replays.map((replay) => (
          <ReplayRow key={replay.id} replay={replay} />
        ))}
      </Table>
    </Card>
  )
}

function ReplayRow({ replay }: { readonly replay: Replay }) {
  const { from, to, matched, enqueued, createdAt, completedAt } = replay
  return (
    <tr>
      <td>
        <RelativeTime at={createdAt} />
      </td>
      <td>{exactTime(from)}</td>
      <td>{exactTime(to)}</td>
      <td>
        {completedAt === null && <ReplayBar replay={replay} />}
        {countText(enqueued)} of {countText(matched)}
      </td>
    </tr>
  )
}

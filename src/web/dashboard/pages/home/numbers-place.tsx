import { ChartPlace } from '../../parts/data/chart.tsx'
import { Stat } from '../../parts/data/stat.tsx'
import { Card } from '../../parts/surface/card.tsx'
import { Skeleton } from '../../parts/surface/skeleton.tsx'

const names = ['New leads', 'Updated', 'Held', 'Spam', 'Webhooks accepted', 'Speed to lead']

/** Place of the numbers while they are read for the first time, with the sizes of what comes. */
export function NumbersPlace() {
  return (
    <>
      <Card>
        <dl className="totals">
          {names.map((name) => (
            <Stat key={name} name={name} value="–" />
          ))}
        </dl>
      </Card>
      <Card title="New leads by source">
        <ChartPlace />
      </Card>
      <Card>
        <Skeleton lines={6} />
      </Card>
    </>
  )
}

import { useEffect } from 'react'
import { ReplayProgressDocument } from '../../../../../generated/graphql/graphql.ts'
import { useReading } from '../../../connection/reading.ts'
import { Skeleton } from '../../../parts/surface/skeleton.tsx'
import { countText } from '../../../parts/values/numbers.ts'
import { ReplayBar } from './replay-bar.tsx'

const everyMs = 1000

/** Progress of a replay until it is complete. It continues when the dialog is closed. */
export function ReplayProgress({ id }: { readonly id: string }) {
  const { data, reload } = useReading(ReplayProgressDocument, { id })
  const replay = data?.replay
  const isComplete = replay != null && replay.completedAt !== null
  useEffect(() => {
    if (isComplete) return
    const timer = setInterval(reload, everyMs)
    return () => clearInterval(timer)
  }, [isComplete, reload])
  if (!replay) return <Skeleton lines={2} />
  return (
    <div className="stack">
      <ReplayBar replay={replay} />
      <p role="status">
        {isComplete
          ? `All events are on their way: ${countText(replay.enqueued)} of ${countText(replay.matched)}.`
          : `${countText(replay.enqueued)} of ${countText(replay.matched)} are on their way. You may close this.`}
      </p>
    </div>
  )
}

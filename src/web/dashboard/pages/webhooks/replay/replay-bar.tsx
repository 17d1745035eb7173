import './replay-bar.css'

interface ReplayBarProps {
  readonly replay: { readonly matched: number; readonly enqueued: number }
}

/** Part of a replay that is on its way. */
export function ReplayBar({ replay: { matched, enqueued } }: ReplayBarProps) {
  return <progress className="replay-bar" aria-label="Replay" max={Math.max(matched, 1)} value={enqueued} />
}

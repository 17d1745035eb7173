import { useStore } from '../../connection/store.ts'
import { minuteClock } from './clock.ts'
import { exactTime, relativeTime } from './times.ts'

/** A time as its distance from now, with the exact one in the viewer's zone as a tooltip. */
export function RelativeTime({ at }: { readonly at: string }) {
  const now = useStore(minuteClock)
  return (
    <time dateTime={at} title={exactTime(at)}>
      {relativeTime(at, Math.max(now, Date.now()))}
    </time>
  )
}

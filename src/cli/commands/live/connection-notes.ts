import type { FollowState } from '../../follow/follow-events.ts'
import type { Output } from '../../output/output.ts'

/** Returns a listener that tells a person once about each cut and its end. */
export function connectionNotes({ note }: Output): (state: FollowState) => void {
  let last: FollowState | undefined
  return (state) => {
    if (state === 'gap') return note('Some events are no longer stored, and are left out.')
    if (state === 'cut' && last !== 'cut') note('The connection was cut. Trying again …')
    if (state === 'connected' && last === 'cut') note('Connected again; what was missed comes first.')
    last = state
  }
}

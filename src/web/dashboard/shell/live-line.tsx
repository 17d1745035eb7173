import { useLiveState } from '../connection/signed-in.tsx'

const words = { connecting: 'Connecting …', live: 'Live', reconnecting: 'Reconnecting …' }

/** Shows whether the page is up to date. */
export function LiveLine() {
  const state = useLiveState()
  return (
    <p className="live" role="status" data-state={state.kind}>
      {state.kind === 'refused' ? `Not live: ${state.why}.` : words[state.kind]}
    </p>
  )
}

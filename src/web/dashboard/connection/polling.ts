import { useEffect, useEffectEvent } from 'react'

/** Calls a function at each interval while the tab is visible, for changes that no live update announces. */
export function usePolling(intervalMs: number, poll: () => void): void {
  const run = useEffectEvent(() => {
    if (document.visibilityState === 'visible') poll()
  })
  useEffect(() => {
    const timer = setInterval(() => run(), intervalMs)
    const onVisible = () => run()
    document.addEventListener('visibilitychange', onVisible)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', onVisible)
    }
  }, [intervalMs])
}

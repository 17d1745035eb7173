import { useEffect, useRef } from 'react'

const everyMs = 2000

/** Returns a function that reads again, at most every two seconds: a busy webhook changes more often than one can read. */
export function useReloadSoon(reload: () => void): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      reload()
    }, everyMs)
  }
}

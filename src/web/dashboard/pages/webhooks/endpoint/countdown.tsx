import { useEffect, useState } from 'react'
import { exactTime } from '../../../parts/values/times.ts'

const tickMs = 1000

/** Time for which the old secret still signs, counted down by the second; nothing when it is over. */
export function Countdown({ until }: { readonly until: string }) {
  const [leftMs, setLeftMs] = useState(() => leftUntil(until))
  useEffect(() => {
    const timer = setInterval(() => setLeftMs(leftUntil(until)), tickMs)
    return () => clearInterval(timer)
  }, [until])
  if (leftMs <= 0) return null
  return (
    <p className="soft numbers" role="timer">
      The old one is valid for{' '}
      <time dateTime={until} title={exactTime(until)}>
        {clockText(leftMs)}
      </time>
    </p>
  )
}

function leftUntil(time: string): number {
  return new Date(time).getTime() - Date.now()
}

/** Returns a duration as hours, minutes and seconds: "23:59:58". */
function clockText(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

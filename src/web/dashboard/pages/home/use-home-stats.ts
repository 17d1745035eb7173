import { useEffect, useMemo, useState } from 'react'
import {
  AttentionDocument,
  type AttentionQuery,
  HomeDocument,
  type HomeQuery,
} from '../../../../generated/graphql/graphql.ts'
import { throttleTrailing } from '../../connection/backoff.ts'
import { type Reading, useReading } from '../../connection/reading.ts'
import { useLive } from '../../connection/signed-in.tsx'
import { type Range, spanOf } from './ranges.ts'

export type HomeStats = NonNullable<HomeQuery['homeStats']>

const refreshMs = 2000
const minuteMs = 60_000

/** Reads the numbers of a range; again two seconds after a change, and each minute. */
export function useHomeStats(range: Range): Pick<Reading<HomeStats>, 'data' | 'problem' | 'reload'> {
  const [now, setNow] = useState(Date.now)
  const reading = useReading(HomeDocument, spanOf(range, now))
  const refresh = useRefresh(reading.reload)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), minuteMs)
    return () => clearInterval(timer)
  }, [])
  useLive('events', refresh)
  useLive('gaps', refresh)
  useLive('deliveries', refresh)
  return { ...reading, data: useLast(reading.data?.homeStats ?? undefined) }
}

/** Reads what waits for a person. */
export function useAttention(): { attention: AttentionQuery['attention'] | undefined; isRead: boolean } {
  const reading = useReading(AttentionDocument, {})
  const refresh = useRefresh(reading.reload)
  useLive('events', refresh)
  useLive('deliveries', refresh)
  useEffect(() => {
    // Nothing announces a held submission.
    const timer = setInterval(refresh, minuteMs / 6)
    return () => clearInterval(timer)
  }, [refresh])
  return { attention: reading.data?.attention, isRead: (reading.data ?? reading.problem) !== undefined }
}

/** Returns the reload, at most once in two seconds. */
function useRefresh(reload: () => void): () => void {
  return useMemo(() => throttleTrailing(refreshMs, reload), [reload])
}

/** Returns the newest value that there was, so that numbers stay while others are read. */
function useLast<Value>(value: Value | undefined): Value | undefined {
  const [last, setLast] = useState(value)
  if (value !== undefined && value !== last) setLast(value)
  return value ?? last
}

/** Part of a rest over which its attempts are spread; the remainder is for the last of them. */
const spreadPart = 0.8
/** Part of a lease that the spread may take: an attempt and its settlement need the remainder. */
const spreadPartOfLease = 0.1

/** A claimed delivery with the times of its attempt, in ms after the claim. */
export interface Planned<Delivery> {
  readonly delivery: Delivery
  readonly startMs: number
  /** When its result may be settled. */
  readonly settleMs: number
  /** When its lease ends. An attempt that starts later could repeat that of another worker, and overtake the next one. */
  readonly leasedMs: number
}

/**
 * Plans the attempts of a claim: at once, or spread over the rest of a workspace that rests after the claim. These are
 * settled together at the end. Sixteen requests at a time would delay the others on the same cores.
 * @param rests rests that follow the claim, in ms by workspace
 * @param leasedMs time that is left of the leases
 */
export function planAttempts<Delivery extends { readonly workspaceId: string }>(
  deliveries: readonly Delivery[],
  rests: ReadonlyMap<string, number>,
  leasedMs: number,
): Planned<Delivery>[] {
  const byWorkspace = Map.groupBy(deliveries, (delivery) => delivery.workspaceId)
  return [...byWorkspace].flatMap(([workspaceId, own]) => {
    const spreadMs = Math.min((rests.get(workspaceId) ?? 0) * spreadPart, leasedMs * spreadPartOfLease)
    const settleMs = Math.max(spreadMs, 0)
    return own.map((delivery, nth) => ({ delivery, startMs: (nth * settleMs) / own.length, settleMs, leasedMs }))
  })
}

/** Makes planned attempts at their times. */
export interface Turns {
  /**
   * Resolves with the result when it may be settled; with undefined if the turns or the lease were ended before the
   * attempt.
   */
  attempt<Delivery, Result>(
    planned: Planned<Delivery>,
    attempt: (delivery: Delivery) => Promise<Result>,
  ): Promise<Result | undefined>
  /** Ends all pauses: what has not begun is not attempted, and every result may be settled. */
  end(): void
}

export function createTurns(): Turns {
  const endings = new Set<() => void>()
  let areEnded = false

  const pause = async (ms: number): Promise<void> => {
    if (ms <= 0 || areEnded) return
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer)
        endings.delete(end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      endings.add(end)
    })
  }

  return {
    attempt: async ({ delivery, startMs, settleMs, leasedMs }, attempt) => {
      if (areEnded || leasedMs < 0) return undefined
      const leasedUntil = performance.now() + leasedMs
      // Timers of one duration end in the order in which they began, so results are settled in the order of the attempts.
      const settling = pause(settleMs)
      await pause(startMs)
      const isLate = areEnded || performance.now() > leasedUntil
      if (startMs > 0 && isLate) return undefined
      const result = await attempt(delivery)
      await settling
      return result
    },
    end: () => {
      areEnded = true
      for (const end of endings) end()
    },
  }
}

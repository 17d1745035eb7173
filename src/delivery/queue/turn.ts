/** Part of a rest over which its attempts are spread; the remainder is for the last of them. */
const spreadPart = 0.8

/** A claimed delivery; when its attempt starts and when its result may be settled, in ms after the claim. */
export interface Planned<Delivery> {
  readonly delivery: Delivery
  readonly startMs: number
  readonly settleMs: number
}

/**
 * Plans the attempts of a claim: at once, or spread over the rest of a workspace that rests after the claim. These are
 * settled together at the end. Sixteen requests at a time would delay the others on the same cores.
 * @param rests rests that follow the claim, in ms by workspace
 */
export function planAttempts<Delivery extends { readonly workspaceId: string }>(
  deliveries: readonly Delivery[],
  rests: ReadonlyMap<string, number>,
): Planned<Delivery>[] {
  const byWorkspace = Map.groupBy(deliveries, (delivery) => delivery.workspaceId)
  return [...byWorkspace].flatMap(([workspaceId, own]) => {
    const settleMs = (rests.get(workspaceId) ?? 0) * spreadPart
    return own.map((delivery, nth) => ({ delivery, startMs: (nth * settleMs) / own.length, settleMs }))
  })
}

/** Makes planned attempts at their times. */
export interface Turns {
  /** Resolves with the result when it may be settled; with undefined if the turns were ended before the attempt. */
  attempt<Delivery, Result>(
    planned: Planned<Delivery>,
    attempt: (delivery: Delivery) => Promise<Result>,
  ): Promise<Result | undefined>
  /** Ends all pauses: what waits for its start is not attempted, and every result may be settled. */
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
    attempt: async ({ delivery, startMs, settleMs }, attempt) => {
      const settleAt = performance.now() + settleMs
      await pause(startMs)
      if (startMs > 0 && areEnded) return undefined
      const result = await attempt(delivery)
      await pause(settleAt - performance.now())
      return result
    },
    end: () => {
      areEnded = true
      for (const end of endings) end()
    },
  }
}

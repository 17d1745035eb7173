import type { ToWorker } from './messages.ts'

type HeldByPeer = Extract<ToWorker, { readonly type: 'held by peer' }>

/** Slots that each process holds, for those that start later. */
interface HeldSlots {
  set(peer: number, slot: string, count: number): void
  forget(peer: number): void
  all(): HeldByPeer[]
}

/** @param broadcast sends a message to all processes except one */
export function createHeldSlots(broadcast: (message: ToWorker, except: number) => void): HeldSlots {
  const held = new Map<number, Map<string, number>>()
  return {
    set: (peer, slot, count) => {
      const counts = held.get(peer) ?? new Map<string, number>()
      held.set(peer, counts)
      if (count > 0) counts.set(slot, count)
      else counts.delete(slot)
      broadcast({ type: 'held by peer', peer, slot, count }, peer)
    },
    forget: (peer) => {
      held.delete(peer)
      broadcast({ type: 'peer ended', peer }, peer)
    },
    all: () =>
      [...held].flatMap(([peer, counts]) =>
        [...counts].map(([slot, count]) => ({ type: 'held by peer', peer, slot, count }) as const),
      ),
  }
}

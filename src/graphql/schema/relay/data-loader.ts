import type { Context } from '../../execution/context.ts'

/**
 * Loads by key what the rows of a list ask for in one turn of the event loop: one call of `load` for all of them.
 * Nothing is remembered once it has left, so a subscription sees fresh rows at every event.
 */
export function batched<Key, Value>(
  load: (context: Context, keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (context: Context, key: Key) => Promise<Value | undefined> {
  const waiting = new WeakMap<Context, { readonly keys: Set<Key>; readonly loaded: Promise<ReadonlyMap<Key, Value>> }>()
  return async (context, key) => {
    const batch = waiting.get(context) ?? open(context)
    batch.keys.add(key)
    return (await batch.loaded).get(key)
  }

  function open(context: Context) {
    const keys = new Set<Key>()
    const loaded = endOfTurn().then(() => {
      waiting.delete(context)
      return load(context, [...keys])
    })
    const batch = { keys, loaded }
    waiting.set(context, batch)
    return batch
  }
}

/** After everything that the promises of this turn lead to: all rows of a list have asked by then. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

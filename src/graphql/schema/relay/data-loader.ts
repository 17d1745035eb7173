import type { Context } from '../../execution/context.ts'

/**
 * Creates a data loader: collects the keys that the rows of a list request in one turn of the event loop, and calls
 * `load` once for all of them. It caches nothing afterwards, so a subscription reads fresh rows at every event.
 */
export function createDataLoader<Key, Value>(
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
    const loaded = afterPendingPromises().then(() => {
      waiting.delete(context)
      return load(context, [...keys])
    })
    const batch = { keys, loaded }
    waiting.set(context, batch)
    return batch
  }
}

/** Resolves after all pending promises of this turn of the event loop; by then all rows have added their keys. */
export function afterPendingPromises(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

import type { Database } from '../database/database.ts'
import type { Signals } from '../events/signals.ts'
import type { SecretBox } from '../platform/crypto/secret-box.ts'
import type { SourceKey } from './sealed-sources.ts'
import { createSourceLookup, type SourceLookup } from './source-lookup.ts'
import { createSourceStore, type SourceStore } from './source-store.ts'

export interface Sources {
  readonly sources: SourceStore
  readonly sourceLookup: SourceLookup
}

/** Creates the operations on sources and their lookup, whose cache every process invalidates after a change. */
export function createSources({
  database,
  secretBox,
  signals,
}: {
  readonly database: Database
  readonly secretBox: SecretBox
  readonly signals: Signals
}): Sources {
  const sourceLookup = createSourceLookup(database, secretBox)
  signals.subscribe('sources', sourceLookup.invalidate)
  const onChanged = (source: SourceKey) => {
    sourceLookup.forget(source)
    signals.notify('sources')
  }
  return { sourceLookup, sources: createSourceStore({ database, secretBox, onChanged }) }
}

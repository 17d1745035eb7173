import type { HeldLeadReader } from '../capture/source/held-leads.ts'
import type { SourceDoorParts } from '../rest/capture/source-route.ts'
import { startSourceActivity } from '../sources/source-activity.ts'
import { createUnknownTokenLimit } from '../sources/unknown-tokens.ts'
import type { Domain } from './domain.ts'
import type { Foundation } from './foundation.ts'

/** Parts that the URLs of sources need beside those of the domain. */
interface SourceParts extends HeldLeadReader {
  /** Finds the source of a token. */
  readonly sources: SourceDoorParts['sources']
}

/** Builds the parts of the URLs of sources. */
export function createSourceDoor(
  { config, database, log, shutdown }: Pick<Foundation, 'config' | 'database' | 'log' | 'shutdown'>,
  { writer, rates, workspaces }: Pick<Domain, 'writer' | 'rates' | 'workspaces'>,
  parts: SourceParts,
): SourceDoorParts {
  const { sourceRate } = config
  const activity = startSourceActivity(database, log)
  // After the last request was answered, and before the database is closed.
  shutdown.add('close', 'source activity', () => activity.stop())
  return {
    ...parts,
    ...{ writer, workspaces, activity, log },
    sourceRate: sourceRate === null ? undefined : rates('source', sourceRate),
    countUnknownToken: createUnknownTokenLimit(rates),
  }
}

import {
  statement as definePrepared,
  unpreparedStatement as defineUnprepared,
  type Statement,
} from '../../../src/database/database.ts'

// biome-ignore lint/performance/noBarrelFile: it takes the place of the other module.
export {
  isUniqueViolation,
  leaveToCommit,
  opening,
  ping,
  retryingConflicts,
  sqlState,
} from '../../../src/database/database.ts'

/** The statements that this process has defined, by name, or by text where they have none. */
export const defined = new Map<string, Statement>()

export function statement(name: string, text: string): Statement {
  return record(definePrepared(name, text))
}

export function unpreparedStatement(name: string, text: string): Statement {
  return record(defineUnprepared(name, text))
}

function record(definition: Statement): Statement {
  defined.set(definition.name || definition.text, definition)
  return definition
}

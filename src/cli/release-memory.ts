import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Returns the memory that a start needed once to the operating system: about 20 MB. It stops the process for 60 to 90 ms,
 * so it belongs at the end of a start, before work arrives. Source: docs/decisions/0045.
 */
export function releaseStartMemory(): void {
  setFlagsFromString('--expose-gc')
  const collect: NodeJS.GCFunction = runInNewContext('gc')
  // Unlike other kinds, this one shrinks the space of new objects, too.
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  setFlagsFromString('--no-expose-gc')
}

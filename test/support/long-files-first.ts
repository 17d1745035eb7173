import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take longest, most of it waiting. Begun last, they would keep a run waiting when all others are done. */
const longFiles = [
  'flow/process-stopping',
  'flow/readme',
  'blackbox/unread-answers',
  'blackbox/hostile-database',
  'flow/embedded-server',
  'blackbox/benchmarks',
  'blackbox/fan-out',
  'flow/process',
  'faults/workers',
  'faults/embedded',
  'faults/database',
]

/** Begins with the long files of each group. */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => groupOf(one) - groupOf(other) || placeOf(one) - placeOf(other))
  }
}

function groupOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = longFiles.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  return place === -1 ? longFiles.length : place
}

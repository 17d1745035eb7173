import type { Reporter, TestModule } from 'vitest/node'
import type { FaultReport } from './fault-report.ts'

/** Prints what a whole run found, for docs/benchmarks.md and docs/scaling.md. */
// biome-ignore lint/style/noDefaultExport: vitest takes a reporter by its default export.
export default class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const rows = tests.flatMap((test) => test.meta().fault ?? [])
    console.log(`\n${[header, divider, ...rows.map(line)].join('\n')}\n`)
    const figures = tests.flatMap((test) => test.meta().figures ?? [])
    const lines = figures.map(({ what, value }) => `| ${what} | ${value} |`)
    console.log(`\n${['| measured | |', '|---|---|', ...lines].join('\n')}\n`)
  }
}

const header = '| fault | captures acknowledged | lost | duplicates | resumed within |'
const divider = '|---|---|---|---|---|'

function line({ fault, acknowledged, lost, duplicates, allowedDuplicates, resumedMs }: FaultReport): string {
  const repeated = allowedDuplicates > 0 ? `${duplicates} of ${allowedDuplicates} in flight` : String(duplicates)
  const resumed = resumedMs === null ? '–' : `${(resumedMs / 1000).toFixed(1)} s`
  return `| ${fault} | ${acknowledged.toLocaleString('en')} | ${lost} | ${repeated} | ${resumed} |`
}

import { fileURLToPath } from 'node:url'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { LongFilesFirst } from './test/support/long-files-first.ts'
import { folderInMemory } from './test/support/temporary-folder.ts'

const temporaryFolder = process.env['TMPDIR'] ?? folderInMemory()
// Workers and the programs that they start inherit it.
if (temporaryFolder !== undefined) process.env['TMPDIR'] = temporaryFolder

/** They start the service in processes of its own, mostly on the embedded server, and wait for them more than they work. */
const startsProcesses = [
  'test/blackbox/*.test.ts',
  'test/cli/data/*-process.test.ts',
  'test/cli/processes.test.ts',
  ...[
    ...['process', 'process-stopping', 'node-processes', 'readme', 'embedded-server', 'import-embedded', 'package'],
    'private-folder',
    'traces',
  ].map((name) => `test/flow/${name}.test.ts`),
]
const browser = 'test/browser/*.test.ts'
const faults = 'test/faults/**/*.test.ts'

const globalSetup = 'test/support/global-setup.ts'
const chromiumSetup = 'test/support/chromium-setup.ts'

/** Files of a project share the modules of a worker: loading them anew for each costs more than most files do. */
const sharing = { isolate: false, maxWorkers: 2, sequence: { groupOrder: 0 } }
const waiting = { maxWorkers: 3, sequence: { groupOrder: 1 } }
/** Last, one after the other: they say within what time delivery goes on, and send as much as a slow machine takes. */
const failing = { maxWorkers: 1, sequence: { groupOrder: 2 } }

export default defineConfig({
  resolve: {
    // Two copies of graphql break its `instanceof`: without this, source gets the .mjs and dependencies the .js.
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql/index.js')) }],
  },
  test: {
    pool: 'forks',
    // For a machine that is busy: what waits for a condition costs no more when it holds.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    sequence: { sequencer: LongFilesFirst },
    projects: [
      project('tests', { include: ['test/**/*.test.ts'], exclude: [...startsProcesses, browser, faults], ...sharing }),
      // The flow once more on a server of somebody else: another version, in another time zone.
      ...(process.env['TEST_DATABASE_URL']
        ? [project('other-server', { include: ['test/flow/*.test.ts'], exclude: startsProcesses, ...sharing })]
        : []),
      project('browser', { include: [browser], ...sharing, globalSetup: [globalSetup, chromiumSetup] }),
      project('processes', { include: startsProcesses, ...waiting }),
      // Kills and cuts, in a short form unless REX_FAULTS=whole.
      project('faults', { include: [faults], ...failing }),
    ],
  },
})

function project(
  name: string,
  options: NonNullable<TestProjectInlineConfiguration['test']>,
): TestProjectInlineConfiguration {
  return { extends: true, test: { name, globalSetup: [globalSetup], ...options } }
}

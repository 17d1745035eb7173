import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** They start processes, or the embedded server: another server shows nothing new in them. */
const startsProcesses = [
  'process',
  'process-stopping',
  'readme',
  'embedded-server',
  'import-embedded',
  'private-folder',
].map((name) => `test/flow/${name}.test.ts`)

const globalSetup = ['test/support/global-setup.ts']

export default defineConfig({
  resolve: {
    // Two copies of graphql break its `instanceof`: without this, source gets the .mjs and dependencies the .js.
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql/index.js')) }],
  },
  test: {
    pool: 'forks',
    // Many tests hold a limit in time: they run one file after the other.
    maxWorkers: 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          globalSetup,
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: ['test/faults/**'],
          sequence: { groupOrder: 0 },
        },
      },
      // The flow once more on a server of somebody else: another version, in another time zone.
      ...(process.env['TEST_DATABASE_URL']
        ? [
            {
              extends: true as const,
              test: {
                globalSetup,
                name: 'other-server',
                include: ['test/flow/**/*.test.ts'],
                exclude: startsProcesses,
                sequence: { groupOrder: 0 },
              },
            },
          ]
        : []),
      {
        extends: true,
        // Kills and cuts, in a short form unless REX_FAULTS=whole. One after the other and apart from the rest: each has a
        // process, a load and a receiver, and says within what time delivery goes on.
        test: {
          globalSetup,
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})

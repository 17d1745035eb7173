import { startServing } from './cli/entry.ts'

await startServing(process.argv.slice(2))

import { startServing } from './cli/start.ts'

await startServing(process.argv.slice(2))

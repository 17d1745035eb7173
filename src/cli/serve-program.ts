import { startServing } from './entry.ts'

await startServing(process.argv.slice(2))

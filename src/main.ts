import { cacheCompiledCode } from './cli/compile-cache.ts'
import { startServing } from './cli/entry.ts'

cacheCompiledCode()
await startServing(process.argv.slice(2))

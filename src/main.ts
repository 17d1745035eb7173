import { cacheCompiledCode } from './cli/compile-cache.ts'
import { startServing } from './cli/start.ts'

cacheCompiledCode()
await startServing(process.argv.slice(2))

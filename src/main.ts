import { findBundle } from './cli/bundle.ts'
import { cacheCompiledCode } from './cli/compile-cache.ts'

cacheCompiledCode()
const bundle = findBundle('serve-program')
if (bundle === undefined) await import('./cli/serve-program.ts')
else await import(bundle)

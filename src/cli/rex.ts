#!/usr/bin/env node
import { findBundle } from './bundle.ts'
import { cacheCompiledCode } from './compile-cache.ts'

cacheCompiledCode()
const bundle = findBundle('rex-program')
if (bundle === undefined) await import('./rex-program.ts')
else await import(bundle)

#!/usr/bin/env node
import { cacheCompiledCode } from './compile-cache.ts'
import { startServing } from './entry.ts'

cacheCompiledCode()

const [, , ...parameters] = process.argv
const [first, ...rest] = parameters
// The service loads nothing of what only the other commands need.
if (first === 'serve') await startServing(rest)
else process.exitCode = await (await import('./frame/run-program.ts')).runProgram(parameters)

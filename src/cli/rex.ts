#!/usr/bin/env node
import { startServing } from './entry.ts'

const [, , ...parameters] = process.argv
const [first, ...rest] = parameters
// The service loads nothing of what only the other commands need.
if (first === 'serve') await startServing(rest)
else process.exitCode = await (await import('./frame/run-program.ts')).runProgram(parameters)

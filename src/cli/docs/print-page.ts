import { readFileSync, writeFileSync } from 'node:fs'
import { processContext } from '../frame/command-context.ts'
import { createProgram } from '../frame/program.ts'
import { cliPage } from './cli-page.ts'

const page = new URL('../../../docs/cli.md', import.meta.url)
writeFileSync(page, cliPage(readFileSync(page, 'utf8'), await createProgram(processContext())))

#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
if (isOlderThan(engines.node.replace('>=', ''))) {
  console.error(`Rex needs Node.js ${engines.node}. This is ${process.version}.`)
  process.exit(1)
}
/** A clone runs its sources. A published package has what was built from them: Node runs no TypeScript in node_modules. */
const source = new URL('../src/cli/rex.ts', import.meta.url)
await import(existsSync(source) ? source.href : new URL('../dist/cli/rex.js', import.meta.url).href)

function isOlderThan(wanted) {
  return process.versions.node.localeCompare(wanted, 'en', { numeric: true }) < 0
}

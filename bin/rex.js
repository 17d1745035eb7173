#!/usr/bin/env node
import { readFileSync } from 'node:fs'

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
if (isOlderThan(engines.node.replace('>=', ''))) {
  console.error(`Rex needs Node.js ${engines.node}. This is ${process.version}.`)
  process.exit(1)
}
// Loaded after the check, since an older version might not know what it imports.
const { launch } = await import('./launch.js')
await launch('cli/rex')

function isOlderThan(wanted) {
  return process.versions.node.localeCompare(wanted, 'en', { numeric: true }) < 0
}

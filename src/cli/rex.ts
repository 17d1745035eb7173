#!/usr/bin/env node
import { cacheCompiledCode } from './compile-cache.ts'
import { startServing } from './entry.ts'

cacheCompiledCode()

/** Commands other than `serve`; each is loaded when it is called. */
const others: Readonly<Record<string, () => Promise<void>>> = {
  'import-embedded': async () => (await import('./import-embedded.ts')).importEmbedded(),
  migrate: async () => (await import('./migrate.ts')).runMigrations(),
  reencrypt: async () => (await import('./reencrypt.ts')).reencrypt(),
}

async function runOther(name: string, parameters: readonly string[]): Promise<void> {
  const command = others[name]
  if (command === undefined) {
    console.error(`Unknown command. Commands: ${['serve', ...Object.keys(others)].join(', ')}.`)
    process.exit(1)
  }
  const { runCommand } = await import('./run.ts')
  await runCommand(command, parameters)
}

const [, , first = 'serve', ...rest] = process.argv
if (first === 'serve') await startServing(rest)
else if (first.startsWith('-')) await startServing([first, ...rest])
else await runOther(first, rest)

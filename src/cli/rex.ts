#!/usr/bin/env node
import { runMigrations } from './migrate.ts'
import { reencrypt } from './reencrypt.ts'
import { runCommand } from './run.ts'
import { serve } from './serve.ts'

const commands: Readonly<Record<string, () => Promise<void>>> = { serve, migrate: runMigrations, reencrypt }

const [, , first = 'serve', ...rest] = process.argv
const [name, parameters] = first.startsWith('-') ? ['serve', [first, ...rest]] : [first, rest]
const command = commands[name]
if (command === undefined) {
  console.error(`Unknown command. Known ones: ${Object.keys(commands).join(', ')}.`)
  process.exit(1)
}
await runCommand(command, parameters)

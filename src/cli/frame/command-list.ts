import type { Command } from 'commander'
import type { CommandContext } from './command-context.ts'

/** Adds one command, with its subcommands, to the program. */
export type AddCommand = (program: Command, context: CommandContext) => void

interface CommandGroup {
  readonly title: string
  readonly commands: Readonly<Record<string, () => Promise<AddCommand>>>
}

/** All commands by name, in the order of `rex --help`. A module is loaded when its command or the help is needed. */
export const commandGroups: readonly CommandGroup[] = [
  {
    title: 'Run a server:',
    commands: {
      serve: async () => (await import('../commands/operator.ts')).addServe,
      migrate: async () => (await import('../commands/operator.ts')).addMigrate,
      reencrypt: async () => (await import('../commands/operator.ts')).addReencrypt,
      'import-embedded': async () => (await import('../commands/operator.ts')).addImportEmbedded,
    },
  },
  {
    title: 'Look after its data:',
    commands: {
      doctor: async () => (await import('../data/doctor/doctor-command.ts')).addDoctor,
      backup: async () => (await import('../data/backup/backup-command.ts')).addBackup,
      restore: async () => (await import('../data/backup/restore-command.ts')).addRestore,
      import: async () => (await import('../data/import/import-command.ts')).addImport,
      move: async () => (await import('../data/move/move-command.ts')).addMove,
    },
  },
  {
    title: 'Sign in:',
    commands: {
      login: async () => (await import('../commands/login.ts')).addLogin,
      logout: async () => (await import('../commands/login.ts')).addLogout,
    },
  },
]

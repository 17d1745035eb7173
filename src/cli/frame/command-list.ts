import type { Command } from 'commander'
import type { CommandContext } from './command-context.ts'

/** Adds one command, with its subcommands, to the program. */
type AddCommand = (program: Command, context: CommandContext) => void

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
  {
    title: 'Develop:',
    commands: {
      listen: async () => (await import('../commands/live/listen.ts')).addListen,
      tail: async () => (await import('../commands/live/tail.ts')).addTail,
      trigger: async () => (await import('../commands/live/trigger.ts')).addTrigger,
      capture: async () => (await import('../commands/capture.ts')).addCapture,
      verify: async () => (await import('../commands/verify.ts')).addVerify,
    },
  },
  {
    title: 'Work with the data of a workspace:',
    commands: {
      contacts: async () => (await import('../commands/contact/contacts.ts')).addContacts,
      import: async () => (await import('../data/import/import-command.ts')).addImport,
      submissions: async () => (await import('../commands/submission/submissions.ts')).addSubmissions,
      sources: async () => (await import('../commands/source/sources.ts')).addSources,
      webhooks: async () => (await import('../commands/webhook/webhooks.ts')).addWebhooks,
      deliveries: async () => (await import('../commands/deliveries/deliveries.ts')).addDeliveries,
      keys: async () => (await import('../commands/key/keys.ts')).addKeys,
      workspaces: async () => (await import('../commands/workspace/workspaces.ts')).addWorkspaces,
    },
  },
  {
    title: 'Other:',
    commands: { completion: async () => (await import('../commands/completion/completion.ts')).addCompletion },
  },
]

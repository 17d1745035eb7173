import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { createApi } from '../api/api.ts'
import { graphql } from '../api/document.ts'
import { deleteLogin, readLogin, writeLogin } from '../api/login-file.ts'
import { serverUrl } from '../api/server-url.ts'
import { action } from '../frame/action.ts'
import { usageError } from '../frame/cli-error.ts'
import type { CommandContext } from '../frame/command-context.ts'
import { examples } from '../frame/examples.ts'

const SignedIn = graphql(`
  query CliSignedIn {
    viewer {
      id
      name
      scopes
    }
    workspace {
      slug
    }
  }
`)

/** `rex login`: checks a key and keeps it, with the address of its server. */
export function addLogin(program: Command, context: CommandContext): void {
  program
    .command('login')
    .description('sign in to a server; the key is read from REX_API_KEY or standard input')
    .requiredOption('--url <url>', 'address of the server')
    .addHelpText('after', examples('rex login --url https://leads.example.com < key.txt'))
    .action(
      action(context, async ({ output }, options: { url: string }) => {
        const url = serverUrl(options.url, '--url')
        const apiKey = context.settings.apiKey ?? (await readKey(context))
        const { viewer, workspace } = await createApi({ url, apiKey }).execute(SignedIn, {})
        const path = await writeLogin(context.settings.configDir, { url, apiKey })
        await output.result({
          json: { url, workspace: workspace.slug, keyId: viewer.id, keyName: viewer.name, scopes: viewer.scopes },
          text: `Signed in to ${url}: workspace ${workspace.slug}, key ${viewer.name} (${viewer.scopes.join(', ')}).`,
        })
        output.note(`The key is kept in ${path}, readable by you alone.`)
      }),
    )
}

/** `rex logout`: deletes the kept key. */
export function addLogout(program: Command, context: CommandContext): void {
  program
    .command('logout')
    .description('delete the key that `rex login` has kept')
    .addHelpText('after', examples('rex logout'))
    .action(
      action(context, async ({ output }) => {
        const login = await readLogin(context.settings.configDir).catch(() => undefined)
        const wasSignedIn = await deleteLogin(context.settings.configDir)
        const signedOutOf = login === undefined ? 'Signed out.' : `Signed out of ${login.url}.`
        const json = { url: login?.url ?? null, wasSignedIn }
        await output.result({ json, text: wasSignedIn ? signedOutOf : 'You were not signed in.' })
      }),
    )
}

async function readKey({ stdin, stderr }: CommandContext): Promise<string> {
  if (stdin.isTTY) stderr.write('API key (then Enter and Ctrl-D): ')
  const key = (await text(stdin)).trim()
  if (key === '')
    throw usageError('A key is expected on standard input.', 'rex login --url URL < key.txt, or set REX_API_KEY.')
  return key
}

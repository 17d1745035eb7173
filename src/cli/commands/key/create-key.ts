import { type Command, InvalidArgumentError } from 'commander'
import type { Scope } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'

const CreateKey = graphql(`
  mutation CreateKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      __typename
      ... on CreateApiKeySuccess {
        token
        apiKey {
          id
          name
          scopes
          createdAt
          expiresAt
        }
      }
      ... on UserError {
        message
      }
      ... on ValidationError {
        issues {
          path
          message
        }
      }
    }
  }
`)

const scopes: readonly Scope[] = [
  'ADMIN',
  'CAPTURE',
  'CONTACTS_READ',
  'CONTACTS_WRITE',
  'EVENTS_READ',
  'PII_READ',
  'PRIVACY_ERASE',
  'SOURCES_READ',
  'SOURCES_WRITE',
  'WEBHOOKS_READ',
  'WEBHOOKS_WRITE',
]

interface CreateOptions {
  readonly name: string
  readonly scopes: Scope[]
  readonly expires?: Date
}

/** `rex keys create`: a new key, which is shown only now. */
export function addCreateKey(keys: Command, context: CommandContext): void {
  keys
    .command('create')
    .description('create an API key, which is shown only now')
    .requiredOption('--name <name>', 'name of the key')
    .requiredOption('--scopes <scopes>', `separated by commas: ${scopes.join(', ')}`, collectScopes)
    .option('--expires <date>', 'date at which it becomes invalid', futureDate)
    .addHelpText(
      'after',
      examples(
        'rex keys create --name website --scopes CAPTURE',
        'rex keys create --name report --scopes CONTACTS_READ,PII_READ --expires 2027-01-01',
      ),
    )
    .action(
      clientAction(context, async ({ api, output }, { name, scopes, expires }: CreateOptions) => {
        const input = { name, scopes, ...(expires && { expiresAt: expires.toISOString() }) }
        const result = (await api.execute(CreateKey, { input })).createApiKey
        const { token, apiKey } = expectType(result, 'CreateApiKeySuccess')
        const text = `Created ${apiKey.id} (${apiKey.scopes.join(', ')}).\nKey: ${token}`
        await output.result({ json: { ...apiKey, token }, text, ids: [apiKey.id] })
      }),
    )
}

function collectScopes(text: string, before: readonly Scope[] = []): Scope[] {
  const found = text.split(',').map((name) => {
    const scope = scopes.find((each) => each === name.trim().toUpperCase())
    if (scope === undefined) throw new InvalidArgumentError(`One of ${scopes.join(', ')} is expected.`)
    return scope
  })
  return [...before, ...found]
}

function futureDate(text: string): Date {
  const date = new Date(/^\d{4}-\d\d-\d\d/.test(text) ? text : Number.NaN)
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('A date such as 2027-01-01 is expected.')
  return date
}

import type { Command } from 'commander'
import type { CreateSourceInput, MappingRuleInput, SourceKind } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { collectRule, sourceKind } from './source-options.ts'

const CreateSource = graphql(`
  mutation CreateSource($input: CreateSourceInput!) {
    createSource(input: $input) {
      __typename
      ... on Source {
        id
        name
        kind
        url
        enabled
        verified
        header
        mapping {
          field
          paths
        }
        createdAt
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

interface CreateOptions {
  readonly name: string
  readonly kind?: SourceKind
  readonly secret?: string
  readonly header?: string
  readonly map?: MappingRuleInput[]
}

/** `rex sources create`: a URL for a tool. */
export function addCreateSource(sources: Command, context: CommandContext): void {
  sources
    .command('create')
    .description('create a URL for a tool that posts its leads as it shapes them')
    .requiredOption('--name <name>', 'name of the source')
    .option('--kind <kind>', 'tool, such as typeform or hubspot [generic]', sourceKind)
    .option('--secret <secret>', 'secret with which the tool signs')
    .option('--header <name>', 'header of the secret, for tools that sign nothing')
    .option('--map <field=path>', 'where a field is, such as email=answers[0].email; repeat it for more', collectRule)
    .addHelpText(
      'after',
      examples(
        'rex sources create --name "Pricing page" --kind typeform',
        'rex sources create --name Chatbot --map email=user.mail --map "metadata.plan=answers.plan|plan"',
      ),
    )
    .action(
      clientAction(context, async ({ api, output }, options: CreateOptions) => {
        const result = (await api.execute(CreateSource, { input: inputOf(options) })).createSource
        const { __typename, ...source } = expectType(result, 'Source')
        const text = `Created ${source.id} (${source.kind.toLowerCase()}). Paste its URL into the tool:\n${source.url}`
        await output.result({ json: source, text, ids: [source.id] })
      }),
    )
}

function inputOf({ name, kind, secret, header, map }: CreateOptions): CreateSourceInput {
  return {
    name,
    ...(kind && { kind }),
    ...(secret !== undefined && { secret }),
    ...(header !== undefined && { header }),
    ...(map && { mapping: map }),
  }
}

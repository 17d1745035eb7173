import type { Command } from 'commander'
import type { MappingRuleInput, SourceKind, UpdateSourceInput } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import { changeInput, enabledBy } from '../../frame/changes.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { collectRule, sourceKind } from './source-options.ts'

const UpdateSource = graphql(`
  mutation UpdateSource($input: UpdateSourceInput!) {
    updateSource(input: $input) {
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
        updatedAt
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

interface UpdateOptions {
  readonly name?: string
  readonly kind?: SourceKind
  readonly secret?: string
  readonly header?: string
  readonly map?: MappingRuleInput[]
  readonly enable?: boolean
  readonly disable?: boolean
}

/** `rex sources update`: changes a source. */
export function addUpdateSource(sources: Command, context: CommandContext): void {
  sources
    .command('update')
    .description('change, enable or disable a source; an empty secret or header removes it')
    .argument('<id>', 'id of the source')
    .option('--name <name>', 'new name')
    .option('--kind <kind>', 'new kind', sourceKind)
    .option('--secret <secret>', 'new secret; the old one stays valid for 24 hours')
    .option('--header <name>', 'header of the secret, for tools that sign nothing')
    .option('--map <field=path>', 'new mapping, which replaces the old one; repeat it for more rules', collectRule)
    .option('--enable', 'accept its leads')
    .option('--disable', 'hold its leads')
    .addHelpText(
      'after',
      examples('rex sources update src_01HQ… --map email=user.mail', 'rex sources update src_01HQ… --disable'),
    )
    .action(
      clientAction(context, async ({ api, output }, id: string, options: UpdateOptions) => {
        const result = (await api.execute(UpdateSource, { input: inputOf(id, options) })).updateSource
        const { __typename, ...source } = expectType(result, 'Source')
        await output.result({ json: source, text: `Changed ${id} (${source.name}).`, ids: [id] })
      }),
    )
}

function inputOf(id: string, options: UpdateOptions): UpdateSourceInput {
  const { name, kind, secret, header, map } = options
  const changes = {
    ...(name !== undefined && { name }),
    ...(kind && { kind }),
    ...(secret !== undefined && { secret: secret || null }),
    ...(header !== undefined && { header: header || null }),
    ...(map && { mapping: map }),
    ...enabledBy(options),
  }
  return changeInput(id, changes, '--name')
}

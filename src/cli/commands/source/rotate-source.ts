import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { wholeNumber } from '../../frame/option-values.ts'

const RotateSource = graphql(`
  mutation RotateSource($id: ID!, $overlapHours: Int!) {
    rotateSourceUrl(id: $id, overlapHours: $overlapHours) {
      __typename
      ... on Source {
        id
        name
        url
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

/** `rex sources rotate`: a new URL beside the old one. */
export function addRotateSource(sources: Command, context: CommandContext): void {
  sources
    .command('rotate')
    .description('give a source a new URL; the old one stays valid for the overlap')
    .argument('<id>', 'id of the source')
    .option('--overlap-hours <hours>', 'hours for which both URLs are valid', wholeNumber(0, 168), 24)
    .addHelpText('after', examples('rex sources rotate src_01HQ…', 'rex sources rotate src_01HQ… --overlap-hours 0'))
    .action(
      clientAction(context, async ({ api, output }, id: string, { overlapHours }: { overlapHours: number }) => {
        const result = (await api.execute(RotateSource, { id, overlapHours })).rotateSourceUrl
        const { __typename, ...source } = expectType(result, 'Source')
        await output.result({ json: source, text: `New URL of ${source.name}:\n${source.url}`, ids: [id] })
      }),
    )
}

import type { Command } from 'commander'
import type { ListedSourcesQuery } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { firstItems } from '../../api/pages.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { limitOption } from '../../frame/option-values.ts'
import { type Column, table } from '../../output/table.ts'
import { localTime } from '../../output/words.ts'

const ListedSources = graphql(`
  query ListedSources($first: Int!, $after: String) {
    sources(first: $first, after: $after) {
      nodes {
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
        lastReceivedAt
        stats24h {
          accepted
          held
          ignored
          refused
        }
        createdAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

type Listed = ListedSourcesQuery['sources']['nodes'][number]

/** `rex sources list`: sources with what they received in 24 hours. */
export function addListSources(sources: Command, context: CommandContext): void {
  sources
    .command('list')
    .description('list sources with what they received in 24 hours')
    .addOption(limitOption())
    .addHelpText('after', examples('rex sources list', 'rex sources list --json'))
    .action(
      clientAction(context, async ({ api, output }, { limit }: { limit: number }) => {
        const found = await firstItems(async (range) => (await api.execute(ListedSources, range)).sources, limit)
        const text = found.length === 0 ? 'No sources.' : table(found, columns, output)
        await output.result({ json: found, text, ids: found.map(({ id }) => id) })
      }),
    )
}

const columns: readonly Column<Listed>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'KIND', text: ({ kind }) => kind.toLowerCase() },
  { title: 'STATE', text: ({ enabled, verified }) => `${enabled ? 'on' : 'off'}${verified ? ', verified' : ''}` },
  { title: 'ACCEPTED', text: ({ stats24h }) => String(stats24h.accepted) },
  { title: 'HELD', text: ({ stats24h }) => String(stats24h.held) },
  { title: 'REFUSED', text: ({ stats24h }) => String(stats24h.refused) },
  { title: 'LAST', text: ({ lastReceivedAt }) => localTime(lastReceivedAt) },
  { title: 'ID', text: ({ id }) => id },
  { title: 'URL', text: ({ url }) => url },
]

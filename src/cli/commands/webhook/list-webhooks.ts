import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { firstItems } from '../../api/pages.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { limitOption } from '../../frame/option-values.ts'
import { type Column, table } from '../../output/table.ts'
import { orDash } from '../../output/words.ts'

const ListedWebhooks = graphql(`
  query ListedWebhooks($first: Int!, $after: String) {
    webhookEndpoints(first: $first, after: $after) {
      nodes {
        id
        url
        description
        events
        status
        disabledReason
        secretHint
        previousSecretExpiresAt
        maxInFlight
        successRate24h
        p95LatencyMs24h
        createdAt
        updatedAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

/** `rex webhooks list`: endpoints with their health. */
export function addListWebhooks(webhooks: Command, context: CommandContext): void {
  webhooks
    .command('list')
    .description('list endpoints with their health')
    .addOption(limitOption())
    .addHelpText('after', examples('rex webhooks list', 'rex webhooks list --json'))
    .action(
      clientAction(context, async ({ api, output }, { limit }: { limit: number }) => {
        const found = await firstItems(
          async (range) => (await api.execute(ListedWebhooks, range)).webhookEndpoints,
          limit,
        )
        const text = found.length === 0 ? 'No webhook endpoints.' : table(found, columns, output)
        await output.result({ json: found, text, ids: found.map(({ id }) => id) })
        if (found.length === 0) output.note('Create one: rex webhooks create --url https://example.com/hooks')
      }),
    )
}

interface Listed {
  readonly id: string
  readonly url: string
  readonly events: readonly string[]
  readonly status: string
  readonly successRate24h: number | null
  readonly p95LatencyMs24h: number | null
}

const columns: readonly Column<Listed>[] = [
  { title: 'ID', text: ({ id }) => id },
  { title: 'URL', text: ({ url }) => url },
  { title: 'EVENTS', text: ({ events }) => events.join(',') },
  { title: 'STATUS', text: ({ status }) => status.toLowerCase() },
  { title: 'SUCCESS 24 H', text: ({ successRate24h: rate }) => (rate === null ? '–' : `${Math.round(rate * 100)} %`) },
  { title: 'P95', text: ({ p95LatencyMs24h: ms }) => (ms === null ? '–' : `${orDash(ms)} ms`) },
]

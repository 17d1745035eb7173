import { type Command, InvalidArgumentError } from 'commander'
import type { ListedSubmissionsQuery, SubmissionStatus } from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { firstItems } from '../../api/pages.ts'
import { type ClientTools, clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { limitOption, moment } from '../../frame/option-values.ts'
import { type Column, table } from '../../output/table.ts'
import { localTime, orDash } from '../../output/words.ts'

const ListedSubmissions = graphql(`
  query ListedSubmissions($first: Int!, $after: String, $filter: SubmissionFilter) {
    submissions(first: $first, after: $after, filter: $filter) {
      nodes {
        id
        status
        outcome
        email
        source
        reasons
        spamReasons
        fields
        origin
        receivedAt
        contact {
          id
          email
        }
        inboundSource {
          id
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

type Listed = ListedSubmissionsQuery['submissions']['nodes'][number]

interface ListOptions {
  readonly status?: SubmissionStatus[]
  readonly since?: Date
  readonly limit: number
}

const statuses: readonly SubmissionStatus[] = ['ACCEPTED', 'HELD', 'IGNORED', 'SPAM']

/** `rex submissions list`: submissions in any state. */
export function addListSubmissions(submissions: Command, context: CommandContext): void {
  submissions
    .command('list')
    .description('list submissions, newest first')
    .option('--status <names>', 'accepted, held, ignored, spam', collectStatuses)
    .option('--since <time>', 'received since: 30m, 2h, 7d or a date', moment)
    .addOption(limitOption())
    .addHelpText('after', examples('rex submissions list --status held,spam --since 7d'))
    .action(clientAction(context, list))
}

/** `rex submissions held`: submissions that wait for a person. */
export function addHeldSubmissions(submissions: Command, context: CommandContext): void {
  submissions
    .command('held')
    .description('list the submissions that wait for a person')
    .option('--since <time>', 'received since: 30m, 2h, 7d or a date', moment)
    .addOption(limitOption())
    .addHelpText(
      'after',
      examples('rex submissions held', 'rex submissions held --quiet | xargs rex submissions release'),
    )
    .action(clientAction(context, (tools, options: ListOptions) => list(tools, { ...options, status: ['HELD'] })))
}

async function list({ api, output }: ClientTools, { status, since, limit }: ListOptions): Promise<void> {
  const filter = { ...(status && { status }), ...(since && { receivedAt: { gte: since.toISOString() } }) }
  const read = async (range: { first: number; after: string | null }) =>
    (await api.execute(ListedSubmissions, { ...range, filter })).submissions
  const found = await firstItems(read, limit)
  const text = found.length === 0 ? 'No submissions.' : table(found, columns, output)
  await output.result({ json: found, text, ids: found.map(({ id }) => id) })
}

const columns: readonly Column<Listed>[] = [
  { title: 'RECEIVED', text: ({ receivedAt }) => localTime(receivedAt) },
  { title: 'STATUS', text: ({ status }) => status.toLowerCase() },
  { title: 'EMAIL', text: ({ email, contact }) => orDash(contact?.email ?? email) },
  { title: 'SOURCE', text: ({ inboundSource, source }) => orDash(inboundSource?.name ?? source) },
  { title: 'REASONS', text: ({ reasons, spamReasons }) => orDash([...reasons, ...spamReasons].join(', ')) },
  { title: 'ID', text: ({ id }) => id },
]

function collectStatuses(text: string, before: readonly SubmissionStatus[] = []): SubmissionStatus[] {
  const found = text.split(',').map((name) => {
    const status = statuses.find((each) => each === name.trim().toUpperCase())
    if (status === undefined) throw new InvalidArgumentError('One of accepted, held, ignored, spam is expected.')
    return status
  })
  return [...before, ...found]
}

import { extname } from 'node:path'
import { type Command, Option } from 'commander'
import { graphql } from '../../api/document.ts'
import { pagesOf } from '../../api/pages.ts'
import { clientAction } from '../../frame/action.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { collectList } from '../../frame/option-values.ts'
import { counted } from '../../output/words.ts'
import { type ExportFormat, exportFormats, writeContacts } from './contact-file.ts'
import { type ContactChoice, contactFilter, withContactChoice } from './contact-filter.ts'
import { openTarget } from './export-target.ts'

const ExportedContacts = graphql(`
  query ExportedContacts($first: Int!, $after: String, $filter: ContactFilter, $search: String) {
    contacts(first: $first, after: $after, filter: $filter, search: $search) {
      nodes {
        id
        email
        firstName
        lastName
        stage
        source
        metadata
        createdAt
        updatedAt
        lastSeenAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

interface ExportOptions extends ContactChoice {
  readonly output?: string
  readonly format?: ExportFormat
  readonly columns?: readonly string[]
  readonly json?: boolean
}

/** `rex contacts export`: contacts as CSV or JSON, page by page. */
export function addExportContacts(contacts: Command, context: CommandContext): void {
  withContactChoice(contacts.command('export').description('export contacts as CSV or JSON, newest first'))
    .option('-o, --output <file>', 'file to write; left out: standard output')
    .addOption(
      new Option('--format <format>', 'left out: by the extension of the file, else csv').choices(exportFormats),
    )
    .option('--columns <names>', 'columns of CSV, such as email,stage,metadata.company', collectList)
    .addHelpText(
      'after',
      examples(
        'rex contacts export --output leads.csv',
        'rex contacts export --output leads.json --stage customer',
        'rex contacts export --columns email,metadata.company > leads.csv',
      ),
    )
    .action(
      clientAction(context, async ({ api, output }, options: ExportOptions) => {
        const file = options.output === '-' ? undefined : options.output
        const format = options.format ?? formatOf(file, options.json)
        const chosen = { filter: contactFilter(options), search: options.search ?? null }
        const pages = pagesOf(async (range) => (await api.execute(ExportedContacts, { ...range, ...chosen })).contacts)
        const target = await openTarget(context, file)
        const total = await target.use((write) => writeContacts(pages, { format, columns: options.columns }, write))
        const text = `Exported ${counted(total, 'contact')}${file === undefined ? '' : ` to ${file}`}.`
        if (file === undefined) return output.note(text)
        await output.result({ json: { file, format, contacts: total }, text })
      }),
    )
}

function formatOf(file: string | undefined, isJson = false): ExportFormat {
  const extension = extname(file ?? '')
    .slice(1)
    .toLowerCase()
  const found = exportFormats.find((format) => format === extension)
  return found ?? (isJson && file === undefined ? 'json' : 'csv')
}

import type { Command } from 'commander'
import type {
  MappingRuleInput,
  PreviewSourceInput,
  PreviewSourceMutation,
  SourceKind,
} from '../../../generated/cli/graphql.ts'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import { usageError } from '../../frame/cli-error.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { readInput } from '../../frame/input-file.ts'
import type { Output } from '../../output/output.ts'
import { facts, table } from '../../output/table.ts'
import { orDash } from '../../output/words.ts'
import { collectRule, sourceKind } from './source-options.ts'

const PreviewSource = graphql(`
  mutation PreviewSource($input: PreviewSourceInput!) {
    previewSource(input: $input) {
      __typename
      ... on SourcePreview {
        status
        reasons
        recognizedKind
        email
        firstName
        lastName
        source
        metadata
        candidates {
          path
          value
          guess
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

type Preview = Extract<NonNullable<PreviewSourceMutation['previewSource']>, { __typename: 'SourcePreview' }>

interface PreviewOptions {
  readonly body?: string
  readonly submission?: string
  readonly source?: string
  readonly kind?: SourceKind
  readonly map?: MappingRuleInput[]
  readonly contentType?: string
}

/** `rex sources preview`: reads a payload as a source would, and writes nothing. */
export function addPreviewSource(sources: Command, context: CommandContext): void {
  sources
    .command('preview')
    .description('show what would become of a payload; nothing is written')
    .option('--body <file>', 'file with the payload; - for standard input')
    .option('--submission <id>', 'submission whose payload is read again')
    .option('--source <id>', 'source whose kind and mapping are used')
    .option('--kind <kind>', 'kind, if no source is given', sourceKind)
    .option('--map <field=path>', 'mapping to try; repeat it for more rules', collectRule)
    .option('--content-type <type>', 'content type of the payload')
    .addHelpText(
      'after',
      examples(
        'rex sources preview --source src_01HQ… --body payload.json',
        'rex sources preview --kind tally --body - < payload.json',
      ),
    )
    .action(
      clientAction(context, async ({ api, output }, options: PreviewOptions) => {
        const input = await inputOf(context, options)
        const result = (await api.execute(PreviewSource, { input })).previewSource
        const { __typename, ...preview } = expectType(result, 'SourcePreview')
        await output.result({ json: preview, text: describe({ __typename, ...preview }, output) })
      }),
    )
}

async function inputOf(context: CommandContext, options: PreviewOptions): Promise<PreviewSourceInput> {
  const { body, submission, source, kind, map, contentType } = options
  if ((body === undefined) === (submission === undefined))
    throw usageError('Give --body or --submission.', 'rex sources preview --source ID --body payload.json')
  return {
    ...(body !== undefined && { payload: (await readInput(context, body)).toString('utf8') }),
    ...(submission !== undefined && { submissionId: submission }),
    ...(source !== undefined && { sourceId: source }),
    ...(kind && { kind }),
    ...(map && { mapping: map }),
    ...(contentType !== undefined && { contentType }),
  }
}

function describe(preview: Preview, output: Output): string {
  const { status, reasons, recognizedKind, metadata, candidates } = preview
  const found = facts(
    [
      ['Status', [status.toLowerCase(), ...reasons].join(', ')],
      ['Recognized', orDash(recognizedKind?.toLowerCase())],
      ['E-mail', orDash(preview.email)],
      ['First name', orDash(preview.firstName)],
      ['Last name', orDash(preview.lastName)],
      ['Source', orDash(preview.source)],
      ['Metadata', JSON.stringify(metadata)],
    ],
    output,
  )
  const columns = [
    { title: 'PATH', text: ({ path }: Candidate) => path },
    { title: 'TAKEN FOR', text: ({ guess }: Candidate) => orDash(guess) },
    { title: 'VALUE', text: ({ value }: Candidate) => value },
  ]
  return candidates.length === 0 ? found : `${found}\n\n${table(candidates, columns, output)}`
}

type Candidate = Preview['candidates'][number]

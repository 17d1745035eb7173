import type { Command } from 'commander'
import { graphql } from '../../api/document.ts'
import { expectType } from '../../api/union-result.ts'
import { clientAction } from '../../frame/action.ts'
import { usageError } from '../../frame/cli-error.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'

const ReleaseSubmission = graphql(`
  mutation ReleaseSubmission($id: ID!, $email: String) {
    releaseSubmission(id: $id, email: $email) {
      __typename
      ... on Submission {
        id
        status
        contact {
          id
          email
        }
      }
      ... on UserError {
        message
      }
    }
  }
`)

const MarkSpam = graphql(`
  mutation MarkSpam($id: ID!) {
    markSubmissionSpam(id: $id) {
      __typename
      ... on Submission {
        id
        status
      }
      ... on UserError {
        message
      }
    }
  }
`)

/** `rex submissions release`: accepts held submissions as if they arrived now. */
export function addReleaseSubmissions(submissions: Command, context: CommandContext): void {
  submissions
    .command('release')
    .description('accept submissions that are held or spam, as if they arrived now')
    .argument('<ids...>', 'ids of the submissions')
    .option('--email <email>', 'e-mail for one submission in which none was found')
    .addHelpText(
      'after',
      examples('rex submissions release sub_01HQ…', 'rex submissions release sub_01HQ… --email jane@example.com'),
    )
    .action(
      clientAction(context, async ({ api, output }, ids: string[], { email }: { email?: string }) => {
        if (email !== undefined && ids.length > 1) throw usageError('--email is for one submission.')
        for (const id of ids) {
          const result = (await api.execute(ReleaseSubmission, { id, email: email ?? null })).releaseSubmission
          const { __typename, ...released } = expectType(result, 'Submission')
          const { status, contact } = released
          const text = contact
            ? `Released ${id}: ${contact.email} (${contact.id}).`
            : `${id} is ${status.toLowerCase()}.`
          await output.item({ json: released, text, ids: [id] })
        }
      }),
    )
}

/** `rex submissions spam`: marks held submissions as spam. */
export function addMarkSpam(submissions: Command, context: CommandContext): void {
  submissions
    .command('spam')
    .description('mark held submissions as spam, which is deleted after the retention time')
    .argument('<ids...>', 'ids of the submissions')
    .addHelpText('after', examples('rex submissions spam sub_01HQ… sub_01HR…'))
    .action(
      clientAction(context, async ({ api, output }, ids: string[]) => {
        for (const id of ids) {
          const result = (await api.execute(MarkSpam, { id })).markSubmissionSpam
          const { __typename, ...marked } = expectType(result, 'Submission')
          await output.item({ json: marked, text: `${id} is spam.`, ids: [id] })
        }
      }),
    )
}

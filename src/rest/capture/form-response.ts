import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AppError } from '../../platform/errors.ts'
import { mediaTypeOf } from '../../server/request/body.ts'
import { weightOf } from '../../server/request/quality-values.ts'
import { problemOf } from '../../server/response/problems.ts'
import type { Workspace } from '../../workspaces/workspace.ts'
import { type Html, html, sendPage } from '../pages/html.ts'
import { redirectTarget } from './redirect.ts'

/** Media types of HTML forms, which pages of other origins can send besides `text/plain`. */
const formTypes: ReadonlySet<string> = new Set(['application/x-www-form-urlencoded', 'multipart/form-data'])

/** Returns whether to respond with a page: the body is a form's, and Accept prefers HTML to JSON. */
export function asksForPage(request: FastifyRequest): boolean {
  if (!formTypes.has(mediaTypeOf(request)?.essence ?? '')) return false
  const { accept = '' } = request.headers
  return weightOf('text/html', accept) > weightOf('application/json', accept)
}

/** A browser's form was taken, or looks as if: on to where its page wants it, else a page of thanks. */
export function sendThanksPage(
  reply: FastifyReply,
  { workspace, wanted }: { readonly workspace: Workspace; readonly wanted: unknown },
): FastifyReply {
  const target = redirectTarget(wanted, workspace.redirectOrigins)
  if (target !== undefined) return reply.code(303).header('location', target).send()
  const title = `Thank you – ${workspace.name}`
  // The form may stand in an iframe of any site.
  return sendPage(reply.code(200), { title, main: thanks(workspace.name), mayBeFramed: true })
}

function thanks(workspaceName: string): Html {
  return html`<h1>Thank you<span>.</span></h1>
<p class="lead">${workspaceName} has received what you sent.</p>
<p class="soft">You can close this page now.</p>`
}

/** The failure of a form for the person in front of it: its status and what is wrong where, as in JSON. */
export function sendProblemPage(request: FastifyRequest, reply: FastifyReply, error: AppError): FastifyReply {
  const { status, headers } = problemOf(error, request.id)
  return sendPage(reply.code(status).headers(headers), {
    title: 'This was not sent',
    mayBeFramed: true,
    main: html`<h1>This was not sent<span>.</span></h1>
<p class="lead">${error.message}</p>
${fieldList(error)}
<p>Go back, look it over and send it again.</p>
<p class="soft">${error.code}, request <code>${request.id}</code></p>`,
  })
}

function fieldList({ fields = [] }: AppError): Html | string {
  if (fields.length === 0) return ''
  const rows = fields.map(
    ({ path, message }) => html`<li>${path === '' ? '' : html`<strong>${path}</strong>: `}${message}</li>`,
  )
  return html`<ul>${rows}</ul>`
}

import { z } from 'zod'
import { curlOf } from '../pages/home-page.ts'
import { type Html, html } from '../pages/html.ts'
import { codesOf } from './openapi.ts'
import type { Operation } from './openapi-operation.ts'
import { operations } from './openapi-operations.ts'

/** Content of `/openapi.json` for people. */
export function referencePage(baseUrl: string): Html {
  return html`<h1>REST<span>.</span></h1>
<p class="lead">New to Rex? <a href="/docs/start">Start</a> explains it from the first lead on.</p>
<p class="lead">Every call of the REST part. Machines read <a href="/openapi.json">OpenAPI 3.1</a>; everything else is
<a href="/graphql">GraphQL</a>.</p>
<pre><code>${curlOf(baseUrl)}</code></pre>
<p>Answers are <code>{"data": …}</code>. Every failure is
<code>{"error": {"code", "message", "fields"?, "request_id"}}</code>. A key travels as <code>X-Api-Key</code> or
<code>Authorization: Bearer</code>.</p>
${operations.map(describeCall)}`
}

function describeCall(operation: Operation): Html {
  const {
    method,
    path,
    summary,
    description = '',
    scope,
    parameters = [],
    body,
    success,
    others = [],
    failures,
  } = operation
  return html`<section class="call">
<h2><code><span class="verb">${method.toUpperCase()}</span> ${path}</code></h2>
<p>${summary}. ${prose(description)}</p>
<p class="soft">${scope === null ? 'No key is needed.' : `Needs a key with ${scope}.`}</p>
${parameters.length === 0 ? '' : table('Parameters', parameters.map(parameterRow))}
${body ? table(`Body: ${body.types.join(' or ')}`, fieldRows(body.schema)) : ''}
${table('Answers', [...[success, ...others].map(answerRow), ...failures.map(failureRow)])}
</section>`
}

function table(title: string, rows: readonly Html[]): Html {
  return html`<h3>${title}</h3><div class="wide"><table>${rows}</table></div>`
}

function row(name: string, text: string | Html | readonly Html[]): Html {
  return html`<tr><th><code>${name}</code></th><td>${text}</td></tr>`
}

function parameterRow({ name, description, schema }: NonNullable<Operation['parameters']>[number]): Html {
  return row(name, prose(`${typeOf(z.toJSONSchema(schema, { io: 'input' }))}. ${description}`))
}

function answerRow({ status, description }: Operation['success']): Html {
  return row(String(status), prose(description))
}

function failureRow(status: number): Html {
  return row(String(status), html`<code>${codesOf(status).join(', ')}</code>`)
}

/** Descriptions mark code with backticks, as Markdown does. */
function prose(text: string): Html[] {
  return text.split('`').map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
}

type JsonSchema = z.core.JSONSchema.BaseSchema

function fieldRows(schema: z.ZodType): Html[] {
  const { $defs = {}, $ref, ...inline } = z.toJSONSchema(schema, { io: 'input' })
  const { properties = {}, required = [] } = $defs[$ref?.split('/').at(-1) ?? ''] ?? inline
  return Object.entries(properties).map(([name, field]) => {
    if (typeof field === 'boolean') return row(name, '')
    const need = required.includes(name) ? ', required' : ''
    return row(name, prose(`${typeOf(field)}${need}. ${field.description ?? ''}`))
  })
}

/** A schema in a few words: `string, at most 200 characters`. */
function typeOf(schema: JsonSchema): string {
  const { type, anyOf, maxLength, minimum, maximum, enum: values } = schema
  if (anyOf) return anyOf.map((each) => typeOf(each)).join(' or ')
  const name = values ? values.join(' or ') : String(type ?? 'any value')
  const length = maxLength === undefined ? '' : `, at most ${maxLength} characters`
  const range = minimum === undefined || maximum === undefined ? '' : ` from ${minimum} to ${maximum}`
  return `${name}${range}${length}`
}

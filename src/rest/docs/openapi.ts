import { STATUS_CODES } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { statusOfCode } from '../../platform/errors.ts'
import type { CheckKeylessRate } from '../../server/request/keyless-rate-limit.ts'
import { baseUrlOf } from '../../server/request/request-origin.ts'
import { addressMark, cachedForAddress, sendCached } from '../../server/response/cached-response.ts'
import { type Answer, errorShape, type Operation, type Parameter } from './openapi-operation.ts'
import { operations } from './openapi-operations.ts'

/** OpenAPI 3.1 of the REST part, from the schemas that its bodies are parsed with. */
export function addOpenApi(
  app: FastifyInstance,
  {
    publicUrl,
    checkKeylessRate,
  }: { readonly publicUrl: string | undefined; readonly checkKeylessRate: CheckKeylessRate },
): void {
  // The mark of the address is one that JSON escapes: it is put in afterwards.
  const text = JSON.stringify({ ...describeRest(), servers: [{ url: jsonMark }] }).replace(jsonMark, addressMark)
  const textAt = cachedForAddress('application/json; charset=utf-8', text, (address) =>
    JSON.stringify(address).slice(1, -1),
  )
  app.get('/openapi.json', async (request, reply) =>
    sendCached(request, reply, textAt(baseUrlOf(request.requestOrigin, publicUrl)), checkKeylessRate),
  )
}

const jsonMark = 'address-of-this-server'

type Json = Readonly<Record<string, unknown>>

/** Named schemas, gathered while others refer to them. */
type Components = Map<string, unknown>

function describeRest(): Json {
  const components: Components = new Map()
  const errorContent = contentOf(['application/json'], errorShape, components)
  const byPath = Map.groupBy(operations, ({ path }) => path)
  const paths = [...byPath].map(([path, calls]) => [
    path,
    Object.fromEntries(calls.map((call) => [call.method, describe(call, errorContent, components)])),
  ])
  return withReferences({
    openapi: '3.1.0',
    info: {
      title: 'Rex',
      version: '1',
      summary: 'Takes a lead at one door and tells everyone who needs to know: live dashboards and signed webhooks.',
    },
    paths: Object.fromEntries(paths),
    components: {
      schemas: Object.fromEntries(components),
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
  })
}

function describe(operation: Operation, errorContent: Json, components: Components): Json {
  const { method, path, summary, description, scope, parameters = [], body, failures } = operation
  const answers = [operation.success, ...(operation.others ?? [])]
  return {
    operationId: operationId(method, path),
    summary,
    ...(description !== undefined && { description }),
    // An empty requirement among others: a key may be sent and need not.
    security: [{ apiKey: [] }, { bearer: [] }, ...(scope === null ? [{}] : [])],
    ...(parameters.length > 0 && { parameters: parameters.map((each) => describeParameter(each, components)) }),
    ...(body && {
      requestBody: {
        required: true,
        content: describeBody(body, components),
      },
    }),
    responses: {
      ...Object.fromEntries(answers.map((answer) => [answer.status, describeAnswer(answer, components)])),
      ...Object.fromEntries(failures.map((status) => [status, describeFailure(status, errorContent)])),
    },
  }
}

function operationId(method: string, path: string): string {
  return `${method}${path.replace(/\W+/g, '_').replace(/_$/, '')}`
}

type Body = NonNullable<Operation['body']>

function describeParameter({ schema, ...parameter }: Parameter, components: Components): Json {
  return { ...parameter, required: parameter.in === 'path', schema: jsonSchema(schema, components) }
}

function describeBody({ types, schema, example, deepFields = [] }: Body, components: Components): Json {
  const encoding = Object.fromEntries(deepFields.map((name) => [name, { style: 'deepObject', explode: true }]))
  return Object.fromEntries(
    types.map((type) => [
      type,
      { schema: jsonSchema(schema, components), example, ...(isForm(type) && deepFields.length > 0 && { encoding }) },
    ]),
  )
}

function isForm(type: string): boolean {
  return type === 'multipart/form-data' || type === 'application/x-www-form-urlencoded'
}

function describeAnswer({ description, schema, type = 'application/json' }: Answer, components: Components): Json {
  return { description, ...(schema && { content: contentOf([type], schema, components) }) }
}

function contentOf(types: readonly string[], schema: z.ZodType, components: Components): Json {
  return Object.fromEntries(types.map((type) => [type, { schema: jsonSchema(schema, components) }]))
}

function describeFailure(status: number, content: Json): Json {
  return { description: `${STATUS_CODES[status]}: ${codesOf(status).join(', ')}`, content }
}

/** The codes that a status may come with. */
export function codesOf(status: number): string[] {
  return Object.entries(statusOfCode).flatMap(([code, each]) => (each === status ? [code] : []))
}

/** OpenAPI 3.1 speaks JSON Schema 2020-12, as zod does; only the place of named schemas is another. */
function jsonSchema(schema: z.ZodType, components: Components): Json {
  const { $schema: _, $defs = {}, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  for (const [name, definition] of Object.entries($defs)) components.set(name, definition)
  return rest
}

function withReferences(description: Json): Json {
  return JSON.parse(JSON.stringify(description).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json
}

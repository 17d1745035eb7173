import { z } from 'zod'
import { statusOfCode } from '../errors.ts'
import { deliveryShape } from './delivery-json.ts'
import { endpointChange, newEndpoint, rotation } from './endpoint-body.ts'
import { endpointShape } from './endpoint-json.ts'

/** One call of the REST part as it is documented. */
export interface Operation {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** In OpenAPI's spelling: `/webhooks/{id}`. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  /** The scope that its key needs; null where no key is needed. */
  readonly scope: 'WEBHOOKS_READ' | 'WEBHOOKS_WRITE' | null
  readonly parameters?: readonly Parameter[]
  readonly body?: { readonly types: readonly string[]; readonly schema: z.ZodType; readonly example: unknown }
  readonly success: {
    readonly status: number
    readonly description: string
    readonly schema?: z.ZodType
    readonly type?: string
  }
  readonly failures: readonly number[]
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly description: string
  readonly schema: z.ZodType
}

const text = (maxLength: number) => z.string().max(maxLength).nullable().optional()

const captureRequest = z
  .looseObject({
    email: z.string().max(254).meta({ description: 'One address: the identity, in lower case.' }),
    first_name: text(200),
    last_name: text(200),
    source: text(200),
    metadata: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .optional()
      .meta({ description: 'At most 50 keys. Fields that are not known and do not begin with `_` go here too.' }),
    _idempotency_key: z
      .string()
      .min(1)
      .max(255)
      .nullable()
      .optional()
      .meta({ description: 'For beacons and forms, which can set no header: the same as `Idempotency-Key`.' }),
    _altcha: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'A proof of work, where the workspace asks for one: what the widget puts into its form.' }),
  })
  .meta({ id: 'CaptureRequest' })

const capturedContact = z
  .object({
    id: z.string(),
    email: z.string(),
    first_name: z.string().nullable(),
    last_name: z.string().nullable(),
    stage: z.string(),
    source: z.string().nullable(),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'CapturedContact' })

const challenge = z
  .object({
    parameters: z.looseObject({ algorithm: z.string(), nonce: z.string(), salt: z.string(), expiresAt: z.int() }),
    signature: z.string(),
    configuration: z.looseObject({}).meta({ description: 'Of the widget.' }),
  })
  .meta({ id: 'Challenge' })

/** Every failure has this form. */
export const errorShape = z
  .object({
    error: z.object({
      code: z.enum(Object.keys(statusOfCode)),
      message: z.string(),
      fields: z
        .array(z.object({ path: z.string(), message: z.string() }))
        .optional()
        .meta({ description: 'With 422 only.' }),
      request_id: z.string(),
    }),
  })
  .meta({ id: 'Error' })

const data = (schema: z.ZodType) => z.object({ data: schema })
const status = data(z.object({ status: z.literal('ok') }))
const endpointWithSecret = endpointShape.extend({ secret: z.string() }).meta({ id: 'WebhookEndpointWithSecret' })
const endpointPage = data(z.array(endpointShape)).extend({ page: z.object({ next: z.string().nullable() }) })

const idParameter: Parameter = { name: 'id', in: 'path', description: 'An id such as `wh_…`.', schema: z.string() }
const pageParameters: readonly Parameter[] = [
  { name: 'limit', in: 'query', description: 'How many.', schema: z.int().min(1).max(100).default(20) },
  { name: 'after', in: 'query', description: 'The `page.next` of the answer before.', schema: z.string().optional() },
]
const idempotencyParameter: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Kept for 24 hours: the same key and body get the first answer again, and nothing happens twice.',
  schema: z.string().min(1).max(255).optional(),
}

const leadExample = {
  email: 'jane@example.com',
  first_name: 'Jane',
  last_name: 'Doe',
  source: 'organic',
  metadata: { utm_source: 'google', utm_campaign: 'spring-launch', landing_page: '/pricing' },
}

const capturing: readonly Operation[] = [
  {
    method: 'post',
    path: '/capture',
    summary: 'Send a lead',
    description:
      'Always 201, whether the e-mail is new or known: contact and event are committed. Without a key the answer is a ' +
      'receipt of what was sent; with a key that has CONTACTS_READ it is the stored contact. Forms name metadata ' +
      "`metadata[utm_source]`; a browser's form (`Accept: text/html`) gets 303 to its `_redirect` or a page of thanks, " +
      'and its errors as a page.',
    scope: null,
    parameters: [idempotencyParameter],
    body: {
      types: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'],
      schema: captureRequest,
      example: leadExample,
    },
    success: { status: 201, description: 'Committed.', schema: data(capturedContact) },
    failures: [400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503],
  },
  {
    method: 'get',
    path: '/capture.js',
    summary: 'The script for web pages',
    description: 'Sends every form that is marked `data-rex-form`. Kept for minutes; `If-None-Match` gets 304.',
    scope: null,
    success: { status: 200, description: 'JavaScript.', schema: z.string(), type: 'text/javascript' },
    failures: [],
  },
  {
    method: 'get',
    path: '/capture/challenge',
    summary: 'Ask for a challenge of a proof of work',
    description: 'As ALTCHA has it, for its widget or a library of it. It holds for an hour, and counts once.',
    scope: null,
    success: { status: 200, description: 'The challenge.', schema: challenge },
    failures: [401, 403, 404, 429, 503],
  },
  {
    method: 'get',
    path: '/altcha.js',
    summary: "ALTCHA's widget",
    description: 'A module that makes `<altcha-widget>`. Kept for a day; `If-None-Match` gets 304.',
    scope: null,
    success: { status: 200, description: 'JavaScript.', schema: z.string(), type: 'text/javascript' },
    failures: [],
  },
]

const webhooks: readonly Operation[] = [
  {
    method: 'post',
    path: '/webhooks',
    summary: 'Register a webhook endpoint',
    scope: 'WEBHOOKS_WRITE',
    body: {
      types: ['application/json'],
      schema: newEndpoint,
      example: { url: 'https://example.com/hooks/rex', events: ['contact.created'] },
    },
    success: {
      status: 201,
      description: 'The endpoint, with its `secret` this once.',
      schema: data(endpointWithSecret),
    },
    failures: [400, 401, 403, 409, 413, 415, 422, 429, 503],
  },
  {
    method: 'get',
    path: '/webhooks',
    summary: 'List webhook endpoints, newest first',
    scope: 'WEBHOOKS_READ',
    parameters: pageParameters,
    success: { status: 200, description: 'A page of them.', schema: endpointPage },
    failures: [401, 403, 422, 429, 503],
  },
  {
    method: 'get',
    path: '/webhooks/{id}',
    summary: 'Read a webhook endpoint',
    scope: 'WEBHOOKS_READ',
    parameters: [idParameter],
    success: { status: 200, description: 'The endpoint.', schema: data(endpointShape) },
    failures: [401, 403, 404, 429, 503],
  },
  {
    method: 'patch',
    path: '/webhooks/{id}',
    summary: 'Change a webhook endpoint',
    description: 'What is left out stays as it is.',
    scope: 'WEBHOOKS_WRITE',
    parameters: [idParameter],
    body: { types: ['application/json'], schema: endpointChange, example: { status: 'disabled' } },
    success: { status: 200, description: 'The endpoint as it is now.', schema: data(endpointShape) },
    failures: [400, 401, 403, 404, 413, 415, 422, 429, 503],
  },
  {
    method: 'delete',
    path: '/webhooks/{id}',
    summary: 'Delete a webhook endpoint',
    description: 'What is open for it is canceled; its history stays.',
    scope: 'WEBHOOKS_WRITE',
    parameters: [idParameter],
    success: { status: 204, description: 'Gone.' },
    failures: [401, 403, 404, 429, 503],
  },
]

const byHand: readonly Operation[] = [
  {
    method: 'post',
    path: '/webhooks/{id}/rotate-secret',
    summary: 'Give a webhook endpoint a new secret',
    description: 'The old one holds for the overlap. The body may be left out.',
    scope: 'WEBHOOKS_WRITE',
    parameters: [idParameter],
    body: { types: ['application/json'], schema: rotation, example: { overlap_hours: 24 } },
    success: {
      status: 200,
      description: 'The endpoint, with its new `secret` this once.',
      schema: data(endpointWithSecret),
    },
    failures: [400, 401, 403, 404, 413, 415, 422, 429, 503],
  },
  {
    method: 'post',
    path: '/webhooks/{id}/test',
    summary: 'Send a test event to a webhook endpoint',
    scope: 'WEBHOOKS_WRITE',
    parameters: [idParameter],
    success: { status: 202, description: 'Its delivery.', schema: data(deliveryShape) },
    failures: [401, 403, 404, 429, 503],
  },
]

const health: readonly Operation[] = [
  {
    method: 'get',
    path: '/healthz',
    summary: 'Whether the process is alive',
    scope: null,
    success: { status: 200, description: 'It is.', schema: status },
    failures: [],
  },
  {
    method: 'get',
    path: '/readyz',
    summary: 'Whether the server can serve',
    scope: null,
    success: { status: 200, description: 'The database answers and the server is not draining.', schema: status },
    failures: [503],
  },
  {
    method: 'get',
    path: '/metrics',
    summary: 'Prometheus metrics',
    description: 'From this machine, or with REX_METRICS_TOKEN as a bearer token.',
    scope: null,
    success: { status: 200, description: 'Prometheus text.', schema: z.string(), type: 'text/plain' },
    failures: [401],
  },
]

/** Every call of the REST part, in the order in which it is documented. */
export const operations: readonly Operation[] = [...capturing, ...webhooks, ...byHand, ...health]

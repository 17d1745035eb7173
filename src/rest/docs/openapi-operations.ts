import { z } from 'zod'
import { captureOperations } from '../capture/capture-openapi.ts'
import { exportOperations } from '../export/export-openapi.ts'
import { importOperations } from '../import/import-openapi.ts'
import { sessionOperations } from '../session/session-openapi.ts'
import { sourceOperations } from '../sources/source-openapi.ts'
import { deliveryShape } from '../webhooks/delivery-json.ts'
import { endpointChange, newEndpoint, rotation } from '../webhooks/endpoint-body.ts'
import { endpointShape } from '../webhooks/endpoint-json.ts'
import { data, type Operation, type Parameter, pageParameters } from './openapi-operation.ts'

const status = data(z.object({ status: z.literal('ok') }))
const readiness = data(z.object({ status: z.literal('ok'), checks: z.record(z.string(), z.string()).optional() }))
const endpointWithSecret = endpointShape.extend({ secret: z.string() }).meta({ id: 'WebhookEndpointWithSecret' })
const endpointPage = data(z.array(endpointShape)).extend({ page: z.object({ next: z.string().nullable() }) })

const idParameter: Parameter = { name: 'id', in: 'path', description: 'An id such as `wh_…`.', schema: z.string() }
const webhooks: readonly Operation[] = [
  {
    method: 'post',
    path: '/webhooks',
    summary: 'Register a webhook endpoint',
    description: 'Needs the scope PII_READ as well: the bodies of webhooks carry personal data.',
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
    failures: [400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503],
  },
  {
    method: 'get',
    path: '/webhooks',
    summary: 'List webhook endpoints, newest first',
    scope: 'WEBHOOKS_READ',
    parameters: pageParameters,
    success: { status: 200, description: 'A page of them.', schema: endpointPage },
    failures: [400, 401, 403, 404, 422, 429, 503],
  },
  {
    method: 'get',
    path: '/webhooks/{id}',
    summary: 'Read a webhook endpoint',
    scope: 'WEBHOOKS_READ',
    parameters: [idParameter],
    success: { status: 200, description: 'The endpoint.', schema: data(endpointShape) },
    failures: [400, 401, 403, 404, 429, 503],
  },
  {
    method: 'patch',
    path: '/webhooks/{id}',
    summary: 'Change a webhook endpoint',
    description: 'What is left out stays as it is. Changing `url` or `events` needs the scope PII_READ as well.',
    scope: 'WEBHOOKS_WRITE',
    parameters: [idParameter],
    body: { types: ['application/json'], schema: endpointChange, example: { status: 'disabled' } },
    success: { status: 200, description: 'The endpoint as it is now.', schema: data(endpointShape) },
    failures: [400, 401, 403, 404, 408, 413, 415, 422, 429, 503],
  },
  {
    method: 'delete',
    path: '/webhooks/{id}',
    summary: 'Delete a webhook endpoint',
    description: 'What is open for it is canceled; its history stays.',
    scope: 'WEBHOOKS_WRITE',
    parameters: [idParameter],
    success: { status: 204, description: 'Gone.' },
    failures: [400, 401, 403, 404, 429, 503],
  },
]

const byHand: readonly Operation[] = [
  {
    method: 'post',
    path: '/webhooks/{id}/rotate-secret',
    summary: 'Give a webhook endpoint a new secret',
    description: 'The old one holds for the overlap. The body may be left out. Needs the scope PII_READ as well.',
    scope: 'WEBHOOKS_WRITE',
    parameters: [idParameter],
    body: { types: ['application/json'], schema: rotation, example: { overlap_hours: 24 } },
    success: {
      status: 200,
      description: 'The endpoint, with its new `secret` this once.',
      schema: data(endpointWithSecret),
    },
    failures: [400, 401, 403, 404, 408, 413, 415, 422, 429, 503],
  },
  {
    method: 'post',
    path: '/webhooks/{id}/test',
    summary: 'Send a test event to a webhook endpoint',
    description: 'Needs the scope PII_READ as well.',
    scope: 'WEBHOOKS_WRITE',
    parameters: [idParameter],
    success: { status: 202, description: 'Its delivery.', schema: data(deliveryShape) },
    failures: [400, 401, 403, 404, 429, 503],
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
    success: {
      status: 200,
      description: 'The database answers and the server is not draining. `checks` names workers that fail.',
      schema: readiness,
    },
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
export const operations: readonly Operation[] = [
  ...captureOperations,
  ...exportOperations,
  ...sessionOperations,
  ...importOperations,
  ...sourceOperations,
  ...webhooks,
  ...byHand,
  ...health,
]

import { z } from 'zod'
import { data, type Operation, type Parameter, pageParameters } from '../docs/openapi-operation.ts'
import { newSource, sourceChange, urlRotation } from './source-body.ts'
import { sourceShape } from './source-json.ts'

const sourcePage = data(z.array(sourceShape)).extend({ page: z.object({ next: z.string().nullable() }) })
const idParameter: Parameter = { name: 'id', in: 'path', description: 'An id such as `src_…`.', schema: z.string() }

/** Calls on sources, as they are documented. */
export const sourceOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/sources',
    summary: 'Create a source',
    description: 'A URL to which a tool posts its leads as it shapes them. A workspace has at most 200.',
    scope: 'SOURCES_WRITE',
    body: {
      types: ['application/json'],
      schema: newSource,
      example: {
        name: 'Pricing page',
        kind: 'typeform',
        mapping: [{ field: 'company', paths: ['form_response.hidden.company'] }],
      },
    },
    success: { status: 201, description: 'The source, with its `url`.', schema: data(sourceShape) },
    failures: [400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503],
  },
  {
    method: 'get',
    path: '/sources',
    summary: 'List sources, newest first',
    scope: 'SOURCES_READ',
    parameters: pageParameters,
    success: { status: 200, description: 'A page of them.', schema: sourcePage },
    failures: [400, 401, 403, 404, 422, 429, 503],
  },
  {
    method: 'get',
    path: '/sources/{id}',
    summary: 'Read a source',
    scope: 'SOURCES_READ',
    parameters: [idParameter],
    success: { status: 200, description: 'The source.', schema: data(sourceShape) },
    failures: [400, 401, 403, 404, 429, 503],
  },
  {
    method: 'patch',
    path: '/sources/{id}',
    summary: 'Change a source',
    description: 'What is left out stays as it is. A replaced secret stays valid for `overlap_hours`.',
    scope: 'SOURCES_WRITE',
    parameters: [idParameter],
    body: { types: ['application/json'], schema: sourceChange, example: { enabled: false } },
    success: { status: 200, description: 'The source as it is now.', schema: data(sourceShape) },
    failures: [400, 401, 403, 404, 408, 413, 415, 422, 429, 503],
  },
  {
    method: 'delete',
    path: '/sources/{id}',
    summary: 'Delete a source',
    description: 'Its URL is unknown at once; its submissions stay.',
    scope: 'SOURCES_WRITE',
    parameters: [idParameter],
    success: { status: 204, description: 'Deleted.' },
    failures: [400, 401, 403, 404, 429, 503],
  },
  {
    method: 'post',
    path: '/sources/{id}/rotate-url',
    summary: 'Give a source a new URL',
    description: 'The old one stays valid for the overlap; 0 ends it at once. The body may be left out.',
    scope: 'SOURCES_WRITE',
    parameters: [idParameter],
    body: { types: ['application/json'], schema: urlRotation, example: { overlap_hours: 24 } },
    success: { status: 200, description: 'The source, with its new `url`.', schema: data(sourceShape) },
    failures: [400, 401, 403, 404, 408, 413, 415, 422, 429, 503],
  },
]

import { data, type Operation } from '../docs/openapi-operation.ts'
import { newSession, sessionShape } from './session-body.ts'

/** Calls on the session of a browser, as they are documented. */
export const sessionOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/session',
    summary: 'Sign a browser in',
    description:
      'With the token of a sign-in link, or with a key. The cookie `rex_session` counts only for pages of this server that send the header `X-Rex-Session: 1`.',
    scope: null,
    body: { types: ['application/json'], schema: newSession, example: { api_key: 'rex_…' } },
    success: { status: 201, description: 'The session; its cookie is in Set-Cookie.', schema: data(sessionShape) },
    failures: [400, 401, 403, 404, 408, 413, 415, 422, 429, 503],
  },
  {
    method: 'delete',
    path: '/session',
    summary: 'Sign a browser out',
    scope: null,
    success: { status: 204, description: 'The session has ended, and so have its live streams.' },
    failures: [400, 401, 503],
  },
]

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type TestReceiver, testReceiverPath } from '../delivery/test-receiver/test-receiver.ts'
import { AppError } from '../platform/errors.ts'
import { withTimeout } from '../platform/timeout.ts'
import { bytesOf } from '../server/request/body.ts'
import { notFound } from '../server/response/problems.ts'

/** Adds the built-in receiver of test leads. Only this server can make its paths; any other is not found. */
export function addTestReceiver(app: FastifyInstance, receiver: TestReceiver): void {
  // A wildcard: a parameter has at most 100 characters, and a sealed token has more.
  app.post<{ Params: { '*': string } }>(`${testReceiverPath}/*`, async (request) => {
    const token = request.params['*']
    const body = bytesOf(request).toString()
    const isVerified = await withTimeout(receiver.receive({ token, headers: signatureHeadersOf(request), body }))
    if (isVerified === undefined) throw notFound()
    if (!isVerified) throw new AppError('unauthenticated', 'The signature of this test lead is wrong.')
    return { data: { verified_at: new Date().toISOString() } }
  })
}

function signatureHeadersOf({ headers }: FastifyRequest): Record<string, string> {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
  return Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]))
}

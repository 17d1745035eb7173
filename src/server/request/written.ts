import type { FastifyInstance } from 'fastify'
import type { ReplicaReads } from '../../workspaces/replica-reads.ts'
import { graphqlPath } from '../mounted-graphql.ts'
import { knownViewer } from './caller.ts'

const readingMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Notes the writes of REST before they are answered. GraphQL notes its mutations itself. */
export function noteWrites(app: FastifyInstance, reads: ReplicaReads): void {
  app.addHook('onSend', async (request, _reply, payload) => {
    const viewer = knownViewer(request)
    const mayWrite = !readingMethods.has(request.method) && request.routeOptions.url !== graphqlPath
    if (mayWrite && viewer !== undefined) await reads.noteWrite(viewer)
    return payload
  })
}

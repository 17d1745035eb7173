import { z } from 'zod'
import { invalidRequest } from '../../platform/errors.ts'
import { nounOfId } from '../../platform/ids.ts'
import type { Viewer } from '../../workspaces/viewer.ts'
import { validateFields } from '../validate.ts'

const maxLimit = 100
const defaultLimit = 20
const limitMessage = `a whole number from 1 to ${maxLimit} is expected`

const query = z.object({
  limit: z
    .string(limitMessage)
    .regex(/^\d{1,3}$/, limitMessage)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= maxLimit, limitMessage)
    .default(defaultLimit),
  after: z.string('a cursor of this list is expected').optional(),
})

/** Which part of a list is asked for; `afterId` is the last one that the caller has. */
export interface Page {
  readonly limit: number
  readonly afterId: string | undefined
}

/** @throws AppError `invalid_request` for a limit out of bounds or a cursor that is not of this workspace's list */
export function pageOf(viewer: Viewer, search: unknown): Page {
  const { limit, after } = validateFields(query, search)
  return { limit, afterId: after === undefined ? undefined : idOfCursor(viewer, after) }
}

/** Opaque to callers, who cannot count on ids being an order. */
export function cursorOf(viewer: Viewer, id: string): string {
  return Buffer.from(`${viewer.workspaceId} ${id}`).toString('base64url')
}

function idOfCursor(viewer: Viewer, cursor: string): string {
  const [workspaceId, id = ''] = Buffer.from(cursor, 'base64url').toString('latin1').split(' ')
  if (workspaceId !== viewer.workspaceId || nounOfId(id) !== 'endpoint' || cursorOf(viewer, id) !== cursor)
    throw invalidRequest([{ path: 'after', message: 'a cursor of this list is expected' }])
  return id
}

import { z } from 'zod'
import type { Cursors } from '../../events/cursor.ts'
import { invalidRequest } from '../../platform/errors.ts'
import { nounOfId } from '../../platform/ids.ts'
import type { Viewer } from '../../workspaces/viewer.ts'
import { validateFields } from '../validate.ts'

const maxLimit = 100
const defaultLimit = 20
const limitMessage = `a whole number from 1 to ${maxLimit} is expected`
const cursorMessage = 'a cursor of this list is expected'

const query = z.object({
  limit: z
    .string(limitMessage)
    .regex(/^\d{1,3}$/, limitMessage)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= maxLimit, limitMessage)
    .default(defaultLimit),
  after: z.string(cursorMessage).optional(),
})

/** The part of a list that is asked for; `afterId` is the last row that the caller has. */
interface Page {
  readonly limit: number
  readonly afterId: string | undefined
}

/** Reads the pages of the list of endpoints, and makes their cursors. */
interface EndpointPages {
  /** @throws AppError `invalid_request` for a limit out of bounds or a cursor that is not of this workspace's list */
  pageOf(viewer: Viewer, search: unknown): Page
  cursorOf(viewer: Viewer, id: string): string
}

export function createEndpointPages(cursors: Cursors): EndpointPages {
  const scopeOf = ({ workspaceId }: Viewer) => ({ workspaceId, list: 'REST webhooks' })
  const idOfCursor = (viewer: Viewer, cursor: string): string => {
    const [id] = cursors.decode(scopeOf(viewer), cursor) ?? []
    if (typeof id !== 'string' || nounOfId(id) !== 'endpoint')
      throw invalidRequest([{ path: 'after', message: cursorMessage }])
    return id
  }
  return {
    pageOf: (viewer, search) => {
      const { limit, after } = validateFields(query, search)
      return { limit, afterId: after === undefined ? undefined : idOfCursor(viewer, after) }
    },
    cursorOf: (viewer, id) => cursors.encode(scopeOf(viewer), [id]),
  }
}

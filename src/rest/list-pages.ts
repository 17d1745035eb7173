import { z } from 'zod'
import type { Cursors } from '../events/cursor.ts'
import { invalidRequest } from '../platform/errors.ts'
import { type Noun, nounOfId } from '../platform/ids.ts'
import type { Viewer } from '../workspaces/viewer.ts'
import { validateFields } from './validate.ts'

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

/** Reads the pages of a list with the newest rows first, and makes their cursors. */
interface ListPages {
  /** @throws AppError `invalid_request` for a limit out of bounds or a cursor that is not of this workspace's list */
  pageOf(viewer: Viewer, search: unknown): Page
  /** Returns the rows of a page and the cursor of the next, from at most one row more than its limit. */
  answerOf<Row extends { readonly id: string }>(viewer: Viewer, rows: readonly Row[], limit: number): ListPage<Row>
}

interface ListPage<Row> {
  readonly rows: readonly Row[]
  readonly page: { readonly next: string | null }
}

export function createListPages(
  cursors: Cursors,
  { list, noun }: { readonly list: string; readonly noun: Noun },
): ListPages {
  const scopeOf = ({ workspaceId }: Viewer) => ({ workspaceId, list })
  const cursorOf = (viewer: Viewer, id: string) => cursors.encode(scopeOf(viewer), [id])
  const idOfCursor = (viewer: Viewer, cursor: string): string => {
    const [id] = cursors.decode(scopeOf(viewer), cursor) ?? []
    if (typeof id !== 'string' || nounOfId(id) !== noun)
      throw invalidRequest([{ path: 'after', message: cursorMessage }])
    return id
  }
  return {
    pageOf: (viewer, search) => {
      const { limit, after } = validateFields(query, search)
      return { limit, afterId: after === undefined ? undefined : idOfCursor(viewer, after) }
    },
    answerOf: (viewer, rows, limit) => {
      const shown = rows.slice(0, limit)
      const last = rows.length > limit ? shown.at(-1) : undefined
      return { rows: shown, page: { next: last === undefined ? null : cursorOf(viewer, last.id) } }
    },
  }
}

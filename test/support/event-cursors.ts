import type { Page } from 'playwright-core'

/** Notes where the page has its stream of events start, and the cursors of the events that it gets. */
export function noteCursors(page: Page): { startedAt: string[]; received: string[] } {
  const [startedAt, received]: [string[], string[]] = [[], []]
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const { after } = JSON.parse(String(payload)).payload?.variables ?? {}
      if (after) startedAt.push(after)
    })
    socket.on('framereceived', ({ payload }) => {
      const { cursor } = JSON.parse(String(payload)).payload?.data?.events ?? {}
      if (cursor) received.push(cursor)
    })
  })
  return { startedAt, received }
}

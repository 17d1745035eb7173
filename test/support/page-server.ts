import { once } from 'node:events'
import { createServer, type OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What a path answers: HTML, and headers besides its type. */
export interface ServedPage {
  readonly html: string
  readonly headers?: OutgoingHttpHeaders
}

const emptyPage: ServedPage = { html: '<!doctype html><title>A page of someone else</title>' }

/** Serves an empty page on an origin of its own, until the test is over; answers the origin. */
export function servePage(): Promise<string> {
  return servePages({})
}

/** Serves pages by their paths, and an empty one on every other. */
export async function servePages(pages: Readonly<Record<string, ServedPage>>): Promise<string> {
  const server = createServer((request, response) => {
    const { html, headers } = pages[request.url?.split('?', 1)[0] ?? ''] ?? emptyPage
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(html)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${parseAddress(server.address()).port}`
}

function parseAddress(address: unknown): AddressInfo {
  return address as AddressInfo
}

import { Worker } from 'node:worker_threads'

let page: Promise<Uint8Array> | undefined

/** The page of GraphiQL, gzipped; made when somebody first asks for it. */
export function gzippedGraphiql(): Promise<Uint8Array> {
  page ??= renderInWorker().catch((error: unknown) => {
    page = undefined
    throw error
  })
  return page
}

/** Nine megabytes of source that take fifty to load: a thread of its own gives them back when it ends. */
function renderInWorker(): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./graphiql-worker.ts', import.meta.url))
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('The page of GraphiQL was not made.')))
  })
}

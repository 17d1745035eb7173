import { parentPort } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { renderPage } from './graphiql-page.ts'

parentPort?.postMessage(gzipSync(renderPage()))

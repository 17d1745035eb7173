import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Loaded into a measured server: collects garbage and answers with its memory when the benchmark asks. */
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

process.on('message', () => {
  collectGarbage()
  const { rss, heapUsed, external } = process.memoryUsage()
  process.send?.({ rss, heapUsed, external })
})
process.channel?.unref()

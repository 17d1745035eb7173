import { afterAll, beforeAll, expect, test } from 'vitest'
import { sourceTools } from '../../src/app/source-tools.ts'
import { readDashboard } from '../../src/web/dashboard.ts'
import { send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'

let rex: TestHttp

beforeAll(async () => {
  rex = await startTestHttp()
})
afterAll(() => rex.stop())

const { script, styles } = readDashboard(sourceTools()).entry
const dashboard = [script, ...styles].map((name) => `/dashboard/${name}`)
const compressed = ['/capture.js', '/altcha.js', '/schema.graphql', ...dashboard]
const graphiql = ['/graphiql/graphiql.js', '/graphiql/graphiql.css', '/graphiql/key.js', '/graphiql/json.worker.js']

test.each([...compressed, ...graphiql])('%s is gzipped for those who accept it, and for no others', async (path) => {
  const encodingFor = async (accepted?: string) => {
    const headers = accepted === undefined ? {} : { 'accept-encoding': accepted }
    const answer = await send(rex.url, { path, headers })
    expect(answer).toMatchObject({ status: 200, headers: { vary: 'accept-encoding' } })
    return answer.headers['content-encoding']
  }
  for (const accepted of ['gzip', 'x-gzip', 'br, GZIP ; Q=0.001', 'gzip;q=1.000'])
    expect([accepted, await encodingFor(accepted)]).toEqual([accepted, 'gzip'])
  for (const accepted of [
    'gzip;q=0',
    'gzip; q=0.000',
    'gzip;q=0;x=1',
    'GZIP;Q=0',
    'gzip;q=2',
    'br',
    '*',
    'gzipped',
    '',
  ])
    expect([accepted, await encodingFor(accepted)]).toEqual([accepted, undefined])
  expect(await encodingFor()).toBeUndefined()
})

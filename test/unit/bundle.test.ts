import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { findBundle, hashInputs } from '../../bin/launch.js'

const source = 'src/app.ts'
const dependency = 'node_modules/pg/index.js'
const time = new Date('2026-01-01T00:00:00Z')

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rex-bundle-'))
  onTestFinished(() => rm(root, { recursive: true }))
  await save(source, 'let port = 1')
  await save(dependency, 'let pool = 1')
  await utimes(join(root, dependency), time, time)
  const files = [source, dependency]
  await save('bundle/inputs.json', JSON.stringify({ hash: hashInputs(files, rootUrl()), files }))
})

describe('a bundle', () => {
  it('of this clone is current when its tests run', () => {
    expect(findBundle('main')).toMatch(/\/generated\/bundle\/[0-9a-f]{64}\/main\.js$/)
  })

  it('is found while its files are what they were', () => {
    expect(found()).toMatch(/\/bundle\/[0-9a-f]{64}\/main\.js$/)
  })

  it('is found after its sources were written anew with the same content', async () => {
    await utimes(join(root, source), new Date(), new Date())
    expect(found()).toBeDefined()
  })

  it.each<[string, () => Promise<unknown>]>([
    ['a source was changed, even within its length and time', () => changeSource()],
    ['a source was deleted', () => rm(join(root, source))],
    ['a dependency was changed in its length', () => changeDependency('let pool = 10')],
    ['a dependency was changed within its length', () => save(dependency, 'let pool = 2')],
    ['a dependency was deleted', () => rm(join(root, dependency))],
    ['its list of files is missing', () => rm(join(root, 'bundle/inputs.json'))],
    ['its list of files is cut off', () => save('bundle/inputs.json', '{"hash": "')],
    ['its list of files is another kind of JSON', () => save('bundle/inputs.json', '7')],
    ['its list of files cannot be read', () => replaceByFolder('bundle/inputs.json')],
  ])('is not used when %s', async (_, change) => {
    await change()
    expect(found()).toBeUndefined()
  })
})

function found(): string | undefined {
  return findBundle('main', new URL('bundle/', rootUrl()), rootUrl())
}

function rootUrl(): URL {
  return pathToFileURL(`${root}/`)
}

async function save(file: string, text: string): Promise<void> {
  const path = join(root, file)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, text)
}

async function changeSource(): Promise<void> {
  await utimes(join(root, source), time, time)
  await save(source, 'let port = 2')
  await utimes(join(root, source), time, time)
}

async function changeDependency(text: string): Promise<void> {
  await save(dependency, text)
  await utimes(join(root, dependency), time, time)
}

async function replaceByFolder(file: string): Promise<void> {
  await rm(join(root, file))
  await mkdir(join(root, file))
}

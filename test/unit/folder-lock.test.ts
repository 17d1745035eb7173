import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { FolderLockedError, lockFolder } from '../../src/database/folder-lock.ts'

const source = fileURLToPath(new URL('../../src/database/folder-lock.ts', import.meta.url))

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rex-lock-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A process that locks the folder, says so, and lives on. */
async function lockInAnotherProcess(folder: string): Promise<ChildProcess> {
  const program = `
    import { lockFolder } from ${JSON.stringify(source)}
    globalThis.lock = lockFolder(${JSON.stringify(folder)})
    process.stdout.write('locked')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout!, 'data')
  return child
}

it('is refused while another process has the folder, and says what to do', async () => {
  const folder = await emptyFolder()
  await lockInAnotherProcess(folder)
  expect(() => lockFolder(folder)).toThrow(FolderLockedError)
  expect(() => lockFolder(folder)).toThrow(`The data folder ${folder} is in use by another process.`)
  expect(() => lockFolder(folder)).toThrow(/REX_DATA_DIR .* DATABASE_URL/)
})

it('is refused to the same process a second time', async () => {
  const folder = await emptyFolder()
  const lock = lockFolder(folder)
  expect(() => lockFolder(folder)).toThrow(FolderLockedError)
  lock.release()
})

it('survives that somebody else was refused', async () => {
  const folder = await emptyFolder()
  await lockInAnotherProcess(folder)
  for (let attempt = 0; attempt < 3; attempt++) expect(() => lockFolder(folder)).toThrow(FolderLockedError)
})

it.each(['SIGKILL', 'SIGTERM'] as const)('is free again once its holder was ended by %s', async (signal) => {
  const folder = await emptyFolder()
  const child = await lockInAnotherProcess(folder)
  child.kill(signal)
  await once(child, 'exit')
  lockFolder(folder).release()
})

it('is free again once it was released', async () => {
  const folder = await emptyFolder()
  lockFolder(folder).release()
  lockFolder(folder).release()
})

it('of one folder says nothing of another', async () => {
  const locks = [lockFolder(await emptyFolder()), lockFolder(await emptyFolder())]
  for (const lock of locks) lock.release()
})

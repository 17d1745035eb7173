import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const repository = join(import.meta.dirname, '..')
const source = join(repository, 'src')
const output = join(repository, 'dist')

/** Files that the service reads at run time. `npm run generate` makes most of them. */
const assets = ['generated/**']
/** A package keeps its dependencies as npm installs them, so that their security updates take effect. */
const cloneAssets = ['generated/bundle/**']
/** `npm run generate:client` builds it, since the examples of a clone use it as well. */
const client = 'client'

/** Builds `dist`, in which the service is JavaScript. The folders are those of `src`, so that relative paths stay true. */
function build(): void {
  mkdirSync(output, { recursive: true })
  for (const name of readdirSync(output)) if (name !== client) rmSync(join(output, name), { recursive: true })
  compile()
  for (const file of globSync(assets, { cwd: source, exclude: cloneAssets, withFileTypes: true }))
    if (file.isFile() && !file.name.endsWith('.ts')) copyAsset(join(file.parentPath, file.name))
}

function compile(): void {
  const compiler = join(repository, 'node_modules/.bin/tsc')
  const { status } = spawnSync(compiler, ['--project', import.meta.dirname], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

function copyAsset(file: string): void {
  const target = join(output, relative(source, file))
  mkdirSync(dirname(target), { recursive: true })
  cpSync(file, target)
}

build()

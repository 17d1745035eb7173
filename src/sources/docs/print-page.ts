import { readFileSync, writeFileSync } from 'node:fs'
import { allKinds } from '../kinds/all-kinds.ts'
import { sourcesPage } from './sources-page.ts'

const page = new URL('../../../docs/sources.md', import.meta.url)
writeFileSync(page, sourcesPage(readFileSync(page, 'utf8'), allKinds))

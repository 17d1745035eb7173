import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'

/** The script for web pages. */
export interface Snippet {
  /** With a token that tells when its forms were shown. */
  render(now: Date): string
  /** Changes with the code, the signing key and the day: what a cache keeps under it is a day old at most. */
  version(now: Date): string
}

/** The parts of the snippet, each after those that it imports. */
const parts = ['storage', 'touches', 'bait', 'lead', 'outbox', 'forms', 'start']
const tokenPlace = '%token%'
const dayMs = 86_400_000

/** Reads its source and makes it JavaScript, once. */
export function createSnippet({ makeFormToken }: { makeFormToken(now: Date): string }): Snippet {
  const code = `(()=>{${parts.map(readPart).join('')}})()\n`
  const render = (now: Date) => code.replace(tokenPlace, makeFormToken(now))
  return {
    render,
    version: (now) => {
      const day = new Date(now.getTime() - (now.getTime() % dayMs))
      return createHash('sha256').update(render(day)).digest('base64url')
    },
  }
}

/** A part among the others in one scope: without imports, exports and types. */
function readPart(name: string): string {
  const source = readFileSync(new URL(`snippet/${name}.ts`, import.meta.url), 'utf8')
  return squeeze(stripTypeScriptTypes(source.replace(/^import .*$/gm, '').replace(/^export /gm, '')))
}

/**
 * Without comments, and without spaces that mean nothing: a third of the bytes. Lines stay, so that a statement may end
 * with one. It takes no strings with line breaks or escaped quotes, and no quotes in regular expressions.
 */
function squeeze(code: string): string {
  return code
    .replace(/\/\*\*[\s\S]*?\*\/|\/\/ .*$/gm, '')
    .split(/('[^'\n]*'|`[^`\n]*`)/)
    .map((text, index) => (index % 2 === 0 ? squeezeSpaces(text) : text))
    .join('')
}

function squeezeSpaces(text: string): string {
  return text
    .replace(/ *([=(){}[\],:?<>|&+*!-]+) */g, '$1')
    .replace(/ {2,}/g, ' ')
    .replace(/\s*\n\s*/g, '\n')
}

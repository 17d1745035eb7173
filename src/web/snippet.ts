import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The script for web pages. */
export interface Snippet {
  /** Returns the script with a token that says when its forms were shown. */
  render(now: Date): string
  /** Changes with the code, the signing key and the day: what a cache keeps under it is a day old at most. */
  version(now: Date): string
}

const tokenPlace = '%token%'
const dayMs = 86_400_000

/** Reads the script that `npm run generate` builds. */
export function createSnippet({ makeFormToken }: { makeFormToken(now: Date): string }): Snippet {
  const code = readFileSync(new URL('../generated/snippet.js', import.meta.url), 'utf8')
  const render = (now: Date) => code.replace(tokenPlace, makeFormToken(now))
  return {
    render,
    version: (now) => {
      const day = new Date(now.getTime() - (now.getTime() % dayMs))
      return createHash('sha256').update(render(day)).digest('base64url')
    },
  }
}

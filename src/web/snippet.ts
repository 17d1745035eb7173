import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The capture script for web pages. */
export interface Snippet {
  /** Returns the script with a form token, which contains the time at which its forms were shown. */
  render(now: Date): string
  /** Returns a version that changes with the code, the signing key and the day, so that caches keep it at most a day. */
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

import type { CliSettings } from '../cli-settings.ts'

/** Returns advice whose commands a person can paste: in a clone only `npx rex` starts the program. */
export function pasteable(text: string, { isStartedByNpx }: CliSettings): string {
  return isStartedByNpx ? text.replaceAll(/(?<!npx )\brex (?=[a-z])/g, 'npx rex ') : text
}

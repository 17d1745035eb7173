/** File in `src` without its extension. */
export type Program = 'main' | 'cli/rex'

export function launch(program: Program): Promise<void>
export function findBundle(program: Program, folder?: URL, repository?: URL): string | undefined
export function hashInputs(files: readonly string[], repository?: URL): string

import type { SealedTable } from '../database/reencryption.ts'
import type { SecretOwner } from '../platform/crypto/secret-box.ts'

const tokenUse = 'token'
const secretUse = 'secret'

/** Tokens and secrets of sources at rest. */
export const sealedSources: SealedTable = {
  name: 'source',
  columns: [
    { name: 'token', use: tokenUse },
    { name: 'secret', use: secretUse },
    { name: 'previous_secret', use: secretUse },
  ],
}

/** Key of a source's row. */
export interface SourceKey {
  readonly workspaceId: string
  readonly id: string
}

/** Returns the owner that the token of a source is sealed for. */
export function tokenOwner({ workspaceId, id }: SourceKey): SecretOwner {
  return { workspaceId, id, use: tokenUse }
}

/** Returns the owner that the secrets of a source are sealed for. */
export function secretOwner({ workspaceId, id }: SourceKey): SecretOwner {
  return { workspaceId, id, use: secretUse }
}

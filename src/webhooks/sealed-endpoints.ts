import type { SealedTable } from '../database/reencryption.ts'

/** Secrets of webhook endpoints at rest. */
export const sealedEndpoints: SealedTable = {
  name: 'webhook_endpoint',
  columns: [{ name: 'secret' }, { name: 'previous_secret' }],
}

import type { Config } from '../../config/config.ts'
import { deleteAddressFile, writeAddressFile } from '../../platform/files/address-file.ts'
import type { ShutdownHooks } from '../../platform/shutdown.ts'

/** Keeps the address of the API in the data folder while it is served. */
export function noteAddress({ role, dataDir }: Config, url: string, shutdown: ShutdownHooks): void {
  if (role === 'worker') return
  writeAddressFile(dataDir, url)
  shutdown.add('disconnect', 'address', () => deleteAddressFile(dataDir, url))
}

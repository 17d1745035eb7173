import { totalmem } from 'node:os'

export type ServerSettings = Readonly<Record<string, string>>

const mib = 1024 * 1024
/** Maximum connections, for several processes of Rex and people with `psql`. */
const maxConnections = 100

/**
 * Returns the settings of the server for this machine. They are arguments of each start, so a new version may change
 * them.
 */
export function serverSettings(socketFolder: string, port: number): ServerSettings {
  // A container may have less memory than the machine.
  const memoryMib = Math.floor(Math.min(totalmem(), process.constrainedMemory() || totalmem()) / mib)
  return {
    // Only the socket, in a folder of mode 0700.
    listen_addresses: '',
    port: String(port),
    unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    max_connections: String(maxConnections),
    shared_buffers: `${clamp(Math.floor(memoryMib / 8), 32, 512)}MB`,
    effective_cache_size: `${clamp(Math.floor(memoryMib / 2), 128, 65_536)}MB`,
    max_wal_size: '1GB',
    min_wal_size: '80MB',
    wal_compression: 'on',
    random_page_cost: '1.1',
    jit: 'off',
    // Reads are served from the cache of the operating system: I/O processes would only use memory.
    io_method: 'sync',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // The lines go to the log of Rex, which holds no personal data: no DETAIL, no statement.
    log_destination: 'stderr',
    logging_collector: 'off',
    log_line_prefix: '%b: ',
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    // The client receives its own errors.
    log_min_messages: 'log',
    cluster_name: 'rex',
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max)
}

import { totalmem } from 'node:os'

export type ServerSettings = Readonly<Record<string, string>>

const mib = 1024 * 1024
/** Connections of several processes of Rex and of people with `psql`. */
const maxConnections = 100

/** Returns the settings of the server for this machine. They are arguments of each start, so a new version may change them. */
export function serverSettings(socketFolder: string, port: number): ServerSettings {
  // A container may have less than the machine.
  const memoryMib = Math.floor(Math.min(totalmem(), process.constrainedMemory() || totalmem()) / mib)
  return {
    // Only through the socket, in a folder of mode 0700.
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
    // Reads come from the cache of the operating system: processes for them would only take memory.
    io_method: 'sync',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // The lines go to the log of Rex, which holds no data of people: no DETAIL, no statement.
    log_destination: 'stderr',
    logging_collector: 'off',
    log_line_prefix: '%b: ',
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    // What a client did wrong reaches the client.
    log_min_messages: 'log',
    cluster_name: 'rex',
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max)
}

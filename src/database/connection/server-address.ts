/** Addresses of a server. */
export interface ServerAddress {
  /** With `pgbouncer=true` when a pooler is in front of the server (docs/decisions/0038). */
  readonly url: string
  /** Address of the server itself, when it differs from `url`. */
  readonly directUrl?: string | undefined
}

/** Parameter of the URL that names a pooler, as other tools write it. */
const poolerParameter = 'pgbouncer'

/** Returns whether a pooler, such as PgBouncer in transaction mode, may run each transaction in another session. */
export function isPooledUrl(url: string): boolean {
  return URL.parse(url)?.searchParams.get(poolerParameter) === 'true'
}

/** Returns the URL with the parameter by which `isPooledUrl` recognises it. */
export function markPooled(url: string): string {
  const marked = new URL(url)
  marked.searchParams.set(poolerParameter, 'true')
  return marked.href
}

/** Returns the address at which a session keeps its state; undefined when only that of a pooler is known. */
export function directUrlOf({ url, directUrl }: ServerAddress): string | undefined {
  return directUrl ?? (isPooledUrl(url) ? undefined : url)
}

import type { Config } from '../../../config/config.ts'

/** Where a workspace's forms post to: its own host, or the bare one that answers for the default workspace. */
export function captureUrlOf(
  slug: string,
  baseUrl: string,
  config: Pick<Config, 'defaultWorkspace' | 'baseDomain'>,
): string {
  const url = new URL(`${baseUrl}/capture`)
  url.hostname = url.hostname.replace(/\.$/, '')
  const { defaultWorkspace, baseDomain } = config
  const isLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$|\.localhost$/.test(url.hostname)
  const domain = isLocal ? 'localhost' : baseDomain
  if (domain === undefined) return url.href
  if (slug !== defaultWorkspace) url.hostname = `${slug}.${domain}`
  else if (url.hostname.endsWith(`.${domain}`)) url.hostname = domain
  return url.href
}

import type { Config } from '../../../config/config.ts'

/** Returns the URL for a workspace's forms: on its own host, or on the host without a slug for the default workspace. */
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

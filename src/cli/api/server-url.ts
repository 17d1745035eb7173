import { usageError } from '../frame/cli-error.ts'

/** Returns the address of a server without a slash at its end. @throws CliError */
export function serverUrl(text: string, name: string): string {
  if (!URL.canParse(text) || !/^https?:\/\//i.test(text))
    throw usageError(`${name} has to be an address such as https://leads.example.com.`)
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') throw usageError(`${name} has to be an address without a password.`)
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** Tells whether an address is one of this machine. */
export function isLocal(url: string): boolean {
  const { hostname } = new URL(url)
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)
}

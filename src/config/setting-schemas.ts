import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import type { Rate } from '../platform/limits/rate-limit.ts'

export const text = z.string().trim()

export function wholeNumber(minimum: number, maximum: number) {
  const message = `a whole number from ${minimum} to ${maximum} is expected`
  return text
    .regex(/^\d+$/, message)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, message)
}

/** Parses a number of processes, or `auto`. */
export const processCount = z.union(
  [z.literal('auto'), wholeNumber(1, 64)],
  'auto, or a whole number from 1 to 64, is expected',
)

export const list = text.transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

/**
 * Parses the schedule. An empty entry is an error, since it is more likely a mistake than a schedule with one attempt
 * less.
 */
export const retrySchedule = text
  .regex(/^\d{1,7}(?:\s*,\s*\d{1,7})*$/, 'seconds, separated by commas, are expected')
  .transform((value) => value.split(',').map(Number))

/** Accepts texts that a header transports unchanged: spaces at the ends would be removed. */
export const apiKey = z
  .string()
  .regex(
    /^[\x21-\x7e][\x20-\x7e]{14,254}[\x21-\x7e]$/,
    '32 to 256 printable ASCII characters, without a space at either end, are expected (16 for a key that the database has)',
  )

/** Parses `60/60` as count/seconds; `0` means no limit. */
export const rate = text
  .regex(/^(?:0|[1-9]\d{0,8}\/[1-9]\d{0,4})$/, 'count/seconds, or 0 for no limit, is expected')
  .transform(parseRate)

function parseRate(given: string): Rate | null {
  const [count = 0, seconds = 0] = given.split('/').map(Number)
  return count === 0 ? null : { count, seconds }
}

export const slug = text.regex(
  /^$|^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  'lower-case letters, digits and hyphens are expected',
)

export const databaseUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'a postgresql:// URL is expected' })

/** Base URL for paths. */
export const baseUrl = z
  .url({ protocol: /^https?$/, error: 'an http or https URL is expected' })
  .refine((value) => !/[?#]/.test(value), 'a URL without a query or a fragment is expected')

export function isNetwork(value: string): boolean {
  return ipaddr.isValidCIDR(value) || isIP(value.replace(/^\[(.*)\]$/, '$1')) !== 0
}

/** Returns whether a text is a host name and no disguised address, such as `127.1` and `2130706433`. */
export function isHostName(value: string): boolean {
  const host = /[\s\\/:@?#*[\]]/.test(value) ? undefined : URL.parse(`http://${value}`)?.hostname
  return host !== undefined && host !== '' && isIP(host) === 0
}

export function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value
}

import { InvalidArgumentError } from 'commander'
import type { DeliveryStatus } from '../../../generated/cli/graphql.ts'

const statuses: readonly DeliveryStatus[] = ['PENDING', 'RETRYING', 'SUCCEEDED', 'FAILED', 'HELD', 'CANCELED']

/** Names of the states of a delivery, for `--help`. */
export const statusNames = statuses.map((status) => status.toLowerCase()).join(', ')

/** Adds states of deliveries, in any case and separated by commas, to those given before. */
export function collectStatuses(text: string, before: readonly DeliveryStatus[] = []): DeliveryStatus[] {
  const found = text.split(',').map((name) => {
    const status = statuses.find((each) => each === name.trim().toUpperCase())
    if (status === undefined) throw new InvalidArgumentError(`One of ${statusNames} is expected.`)
    return status
  })
  return [...before, ...found]
}

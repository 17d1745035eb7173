import type { DeliveryFragment } from '../../../../../generated/graphql/graphql.ts'

/** Returns the newer state of a delivery: the response to a retry may arrive after the live update about its result. */
export function newerOf(known: DeliveryFragment | undefined, arrived: DeliveryFragment): DeliveryFragment {
  return known !== undefined && arrived.attemptCount < known.attemptCount ? known : arrived
}

import { testReceiverOf } from '../../webhooks/test-receiver.ts'
import { createSender, type Sender, type SenderOptions } from '../attempt/attempt.ts'
import { createAddressGuard } from '../network/address-guard.ts'
import type { TestReceiver } from './test-receiver.ts'

/**
 * Creates the sender of deliveries. Those to the built-in receiver go over HTTP to this process, whose address no other
 * delivery may reach because of it.
 */
export function createDeliverySender(options: SenderOptions, receiver: TestReceiver): Sender {
  const outside = createSender(options)
  let inside: Sender | undefined
  const senderTo = ({ hostname }: URL): Sender => {
    inside ??= createSender({ ...options, guard: createAddressGuard({ allow: [hostname], allowLoopback: true }) })
    return inside
  }
  return {
    attempt: async (request) => {
      const endpoint = testReceiverOf(request.url)
      if (endpoint === undefined) return outside.attempt(request)
      const { address } = receiver
      if (address === undefined) throw new Error('Expected that this process listens before it sends test leads.')
      const opened = receiver.open(endpoint)
      try {
        return await senderTo(address).attempt({ ...request, url: new URL(opened.path, address).href })
      } finally {
        opened.close()
      }
    },
    close: async () => {
      await Promise.all([outside.close(), inside?.close()])
    },
  }
}

import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { DeliveryState } from '../deliveries/delivery-state.tsx'
import { resultText } from '../words.ts'
import type { EndpointTest } from './use-endpoint-test.ts'

/** Result of a test, as it happens. */
export function TestResult({ test: { delivery, problem } }: { readonly test: EndpointTest }) {
  if (problem) return <p role="alert">{problem.message}</p>
  const last = delivery?.attempts.at(-1)
  return (
    <p role="status" className="soft">
      {delivery === undefined && 'Send a test when your program is ready: it receives the event webhook.test.'}
      {delivery && <DeliveryState status={delivery.status} />} {last && <Untrusted text={resultText(last)} />}
    </p>
  )
}

import { useLocation } from 'wouter'
import { Button } from '../../../parts/controls/button.tsx'
import { SecretValue } from '../../../parts/controls/secret-value.tsx'
import { TestResult } from '../test/test-result.tsx'
import { useEndpointTest } from '../test/use-endpoint-test.ts'

/** Webhook that was just created. */
export interface Created {
  readonly endpoint: { readonly id: string }
  readonly secret: string
}

interface NewEndpointProps {
  readonly created: Created
  readonly onClose: () => void
}

/** Secret of the new webhook, and the first test. */
export function NewEndpoint({ created: { endpoint, secret }, onClose }: NewEndpointProps) {
  const test = useEndpointTest(endpoint.id)
  const [, navigate] = useLocation()
  const open = () => {
    onClose()
    navigate(`/webhooks/${endpoint.id}`)
  }
  return (
    <div className="stack">
      <p>Give this secret to your program now: it verifies the signatures with it. Rex does not show it again.</p>
      <SecretValue label="Signing secret" value={secret} />
      <TestResult test={test} />
      <div className="dialog-actions">
        <Button onClick={open}>Open the webhook</Button>
        <Button isBusy={test.isSending} onClick={test.send}>
          Send a test event
        </Button>
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  )
}

import { useState } from 'react'
import { type KeyFragment, RevokeKeyDocument } from '../../../../generated/graphql/graphql.ts'
import { useChange } from '../../connection/reading.ts'
import { useSignedIn } from '../../connection/signed-in.tsx'
import { Button } from '../../parts/controls/button.tsx'
import { Table } from '../../parts/data/table.tsx'
import { ConfirmDialog } from '../../parts/messages/confirm-dialog.tsx'
import { showToast } from '../../parts/messages/toast.tsx'
import { Badge } from '../../parts/surface/badge.tsx'
import { RelativeTime } from '../../parts/values/relative-time.tsx'
import { Untrusted } from '../../parts/values/untrusted.tsx'

const columns = ['Name', 'Key', 'Scopes', 'Created', 'Last used', 'State', '']

interface KeyTableProps {
  readonly keys: readonly KeyFragment[]
  readonly onChanged: () => void
}

/** Keys, those that work first. */
export function KeyTable({ keys, onChanged }: KeyTableProps) {
  const [revoking, setRevoking] = useState<KeyFragment>()
  const { viewer } = useSignedIn()
  const { change, isChanging } = useChange(RevokeKeyDocument, ({ revokeApiKey }) => revokeApiKey)
  const revoke = async (id: string) => {
    const outcome = await change({ id })
    setRevoking(undefined)
    if (outcome.kind === 'failed') return showToast(outcome.problem.message, 'bad')
    showToast('The key is revoked.', 'good')
    onChanged()
  }
  const sorted = keys.toSorted((one, other) => Number(one.revokedAt !== null) - Number(other.revokedAt !== null))
  return (
    <>
      <Table label="API keys" columns={columns}>
        {sorted.map((key) => (
          <tr key={key.id} data-id={key.id}>
            <td>
              <Untrusted text={key.name} /> {key.id === viewer.id && <Badge tone="accent">this key</Badge>}
            </td>
            <td>
              <code>{`${key.prefix}…${key.lastFour}`}</code>
            </td>
            <td>{key.scopes.join(', ')}</td>
            <td>
              <RelativeTime at={key.createdAt} />
            </td>
            <td>{key.lastUsedAt === null ? 'never' : <RelativeTime at={key.lastUsedAt} />}</td>
            <td>
              <KeyState apiKey={key} />
            </td>
            <td>
              {key.revokedAt === null && (
                <Button look="danger" onClick={() => setRevoking(key)}>
                  Revoke
                </Button>
              )}
            </td>
          </tr>
        ))}
      </Table>
      {revoking && (
        <ConfirmDialog
          title={`Revoke ${revoking.name}?`}
          action="Revoke the key"
          isBusy={isChanging}
          onConfirm={() => void revoke(revoking.id)}
          onClose={() => setRevoking(undefined)}
        >
          {revoking.id === viewer.id
            ? 'This is the key that you are signed in with: you will be signed out.'
            : 'Programs that use it get 401 within seconds, and their live streams end. This cannot be undone.'}
        </ConfirmDialog>
      )}
    </>
  )
}

function KeyState({ apiKey: { revokedAt, expiresAt } }: { readonly apiKey: KeyFragment }) {
  if (revokedAt !== null) return <Badge>revoked</Badge>
  if (expiresAt === null) return <Badge tone="good">active</Badge>
  if (new Date(expiresAt) < new Date()) return <Badge>expired</Badge>
  return (
    <Badge tone="good">
      expires <RelativeTime at={expiresAt} />
    </Badge>
  )
}

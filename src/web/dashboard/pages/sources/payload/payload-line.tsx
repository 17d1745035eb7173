import { Button } from '../../../parts/controls/button.tsx'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import type { Newest } from './newest.ts'

interface PayloadLineProps {
  readonly newest: Newest | undefined
  readonly shownId: string | undefined
  /** Whether the user has opened the shown payload. */
  readonly isOpened: boolean
  readonly onFollow: () => void
}

/** Says which payload is shown, and leads to a newer one. */
export function PayloadLine({ newest, shownId, isOpened, onFollow }: PayloadLineProps) {
  return (
    <div className="payload-line soft" role="status">
      {shownId === undefined && <Waiting />}
      {shownId !== undefined && shownId === newest?.id && 'The latest payload.'}
      {newest && shownId !== newest.id && (
        <>
          {isOpened ? (
            'The payload of a held submission.'
          ) : (
            <span>
              A newer payload has arrived <RelativeTime at={newest.receivedAt} />.
            </span>
          )}
          <Button look="quiet" onClick={onFollow}>
            {isOpened ? 'Show the latest' : 'Show it'}
          </Button>
        </>
      )}
    </div>
  )
}

function Waiting() {
  return (
    <>
      <span className="payload-pulse" aria-hidden />
      Waiting for the first payload …
    </>
  )
}

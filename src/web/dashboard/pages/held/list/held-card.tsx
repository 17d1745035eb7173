import { type ReactNode, useState } from 'react'
import type { HeldSubmissionFragment } from '../../../../../generated/graphql/graphql.ts'
import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { Badge } from '../../../parts/surface/badge.tsx'
import { FieldList } from '../../../parts/values/field-list.tsx'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { reasonsText } from '../reasons.ts'
import type { Decision } from './use-decisions.ts'

interface HeldCardProps {
  readonly submission: HeldSubmissionFragment
  readonly isSelected: boolean
  readonly isBusy: boolean
  /** Reason why the last decision failed. */
  readonly problem: string | undefined
  readonly more: ReactNode
  readonly onSelect: () => void
  readonly onDecide: (decision: Decision, email: string | null) => void
}

/** One submission with the reasons why it is no lead yet, and the possible decisions. */
export function HeldCard({ submission, isSelected, isBusy, problem, more, onSelect, onDecide }: HeldCardProps) {
  const { id, status, reasons, fields, origin, receivedAt } = submission
  const title = emailOf(submission) ?? (reasons.length > 0 ? 'Without an e-mail' : 'Erased')
  const mayWrite = useMay('CONTACTS_WRITE')
  return (
    <article className="held-card" tabIndex={-1} data-id={id} data-selected={isSelected} aria-label={title}>
      <header className="held-head">
        {mayWrite && <input type="checkbox" aria-label={`Select ${title}`} checked={isSelected} onChange={onSelect} />}
        <h3>
          <Untrusted text={title} />
        </h3>
        <Badge tone={status === 'SPAM' ? 'bad' : 'warn'}>{status.toLowerCase()}</Badge>
        <span className="soft">
          <RelativeTime at={receivedAt} />
          {origin !== null && (
            <>
              {' from '}
              <Untrusted text={origin} />
            </>
          )}
        </span>
      </header>
      <p>
        Reasons: <Untrusted text={reasonsText(submission) || 'none'} />
      </p>
      <FieldList values={fields} />
      {problem !== undefined && <p role="alert">{problem}</p>}
      <div className="held-actions">
        {mayWrite && <Decisions submission={submission} isBusy={isBusy} onDecide={onDecide} />}
        {more}
      </div>
    </article>
  )
}

function Decisions({ submission, isBusy, onDecide }: Pick<HeldCardProps, 'submission' | 'isBusy' | 'onDecide'>) {
  const [email, setEmail] = useState('')
  // Only a source takes an e-mail by hand.
  const takesEmail = submission.reasons.length > 0 && emailOf(submission) === undefined
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onDecide('release', email.trim() || null)
      }}
    >
      {takesEmail && (
        <input
          type="email"
          className="control"
          aria-label="E-mail by hand"
          placeholder="E-mail by hand"
          value={email}
          onChange={({ target }) => setEmail(target.value)}
        />
      )}
      <Button type="submit" isBusy={isBusy}>
        Release
      </Button>
      {submission.status === 'HELD' && (
        <Button look="danger" isBusy={isBusy} onClick={() => onDecide('spam', null)}>
          Mark as spam
        </Button>
      )}
    </form>
  )
}

/** Returns the posted e-mail, or that of the contact that it would create; undefined without one. */
function emailOf({ fields, email }: HeldSubmissionFragment): string | undefined {
  const posted = typeof fields === 'object' && fields !== null && 'email' in fields ? fields.email : undefined
  return typeof posted === 'string' ? posted : (email ?? undefined)
}

import type { LeadSubmissionFragment } from '../../../../../generated/graphql/graphql.ts'
import { Badge } from '../../../parts/surface/badge.tsx'
import { Card } from '../../../parts/surface/card.tsx'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { JsonText, rowsOf, ValueList } from '../../../parts/values/value-list.tsx'

interface SubmissionsCardProps {
  readonly submissions: readonly LeadSubmissionFragment[]
  readonly count: number
}

/** Submissions as they were posted, and what each has changed. */
export function SubmissionsCard({ submissions, count }: SubmissionsCardProps) {
  return (
    <Card title={`Submissions (${count})`}>
      <ul className="lead-entries">
        {submissions.map((submission) => (
          <li key={submission.id}>
            <details data-id={submission.id}>
              <summary>
                <Badge tone={submission.outcome === 'CREATED' ? 'good' : 'neutral'}>{wordOf(submission)}</Badge>
                <RelativeTime at={submission.receivedAt} />
                {submission.origin !== null && (
                  <span className="soft">
                    from <Untrusted text={submission.origin} />
                  </span>
                )}
              </summary>
              <Posted submission={submission} />
            </details>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Posted({ submission: { fields, changes } }: { readonly submission: LeadSubmissionFragment }) {
  const posted = rowsOf(fields)
  return (
    <div className="lead-entry">
      <h3 className="lead-part">Posted</h3>
      {posted.length === 0 ? <p className="soft">The fields are no longer stored.</p> : <ValueList rows={posted} />}
      <h3 className="lead-part">Changed</h3>
      {changes.length === 0 && <p className="soft">Nothing.</p>}
      <ul>
        {changes.map((change) => (
          <li key={change.field} className="lead-change" data-applied={change.applied}>
            <strong>
              <Untrusted text={change.field} />
            </strong>{' '}
            <Value value={change.before} /> → <Value value={change.after} />{' '}
            {!change.applied && <Badge tone="warn">proposed, not stored</Badge>}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Value({ value }: { readonly value: unknown }) {
  return value === null || value === undefined ? <span className="soft">–</span> : <JsonText value={value} />
}

function wordOf({ outcome, status }: LeadSubmissionFragment): string {
  return (outcome ?? status).toLowerCase()
}

import type { ReactNode } from 'react'
import './empty-state.css'

interface EmptyStateProps {
  readonly title: string
  /** The next step, in words. */
  readonly children?: ReactNode
  readonly action?: ReactNode
}

/** Place of a list without rows: says what belongs here, and the next step. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children !== undefined && <div className="soft">{children}</div>}
      {action}
    </div>
  )
}

interface FailureProps {
  readonly message: string
  readonly onRetry?: (() => void) | undefined
}

/** Error in words with a way on. */
export function Failure({ message, onRetry }: FailureProps) {
  return (
    <div className="empty" role="alert">
      <p className="empty-title">{message}</p>
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}

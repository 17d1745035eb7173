import type { ReactNode } from 'react'
import './stat.css'

interface StatProps {
  readonly name: string
  readonly value: string
  /** Change against the period before, or what the number means. */
  readonly note?: ReactNode
}

/** One number with its name. */
export function Stat({ name, value, note }: StatProps) {
  return (
    <div className="stat">
      <dt>{name}</dt>
      <dd>
        <span className="stat-value numbers">{value}</span>
        {note !== undefined && <span className="stat-note numbers">{note}</span>}
      </dd>
    </div>
  )
}

interface ChangeProps {
  readonly text: string | undefined
  readonly isGood: boolean
}

/** Change against the period before, coloured by whether it is good. */
export function Change({ text, isGood }: ChangeProps) {
  if (text === undefined) return null
  return (
    <span className="stat-change" data-good={isGood}>
      {text}
    </span>
  )
}

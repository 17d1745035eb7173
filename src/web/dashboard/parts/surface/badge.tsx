import type { ReactNode } from 'react'
import './badge.css'

interface BadgeProps {
  readonly tone?: 'neutral' | 'good' | 'warn' | 'bad' | 'accent'
  readonly children: ReactNode
}

/** Short state of a thing, as text on a tint. */
export function Badge({ tone = 'neutral', children }: BadgeProps) {
  return (
    <span className="badge" data-tone={tone}>
      {children}
    </span>
  )
}

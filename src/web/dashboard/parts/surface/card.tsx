import { type ReactNode, useId } from 'react'
import './card.css'

interface CardProps {
  readonly title?: string
  /** Buttons or a choice at the right of the title. */
  readonly actions?: ReactNode
  readonly className?: string
  readonly children: ReactNode
}

/** Panel with a title, a landmark of the page. */
export function Card({ title, actions, className = '', children }: CardProps) {
  const id = useId()
  if (title === undefined) return <div className={`card ${className}`}>{children}</div>
  return (
    <section className={`card ${className}`} aria-labelledby={id}>
      <header className="card-head">
        <h2 id={id}>{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  )
}

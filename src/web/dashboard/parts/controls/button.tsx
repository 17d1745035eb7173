import type { ComponentProps } from 'react'
import './button.css'

interface ButtonProps extends ComponentProps<'button'> {
  /** The one main action of a view is `primary`. */
  readonly look?: 'primary' | 'secondary' | 'quiet' | 'danger'
  /** Shows that the work runs, and ignores further clicks. */
  readonly isBusy?: boolean
}

export function Button({ look = 'secondary', isBusy = false, className = '', type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={`button ${className}`}
      data-look={look}
      aria-busy={isBusy}
      disabled={rest.disabled === true || isBusy}
    />
  )
}

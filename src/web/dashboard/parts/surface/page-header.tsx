import { type ReactNode, useEffect } from 'react'
import './page-header.css'

interface PageHeaderProps {
  readonly title: string
  /** One sentence under the title. */
  readonly about?: string
  readonly actions?: ReactNode
}

/** Heading of a page with its actions; it names the browser's tab, too. */
export function PageHeader({ title, about, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · Rex`
  }, [title])
  return (
    <header className="page-header">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {about !== undefined && <p className="soft">{about}</p>}
      </div>
      {actions !== undefined && <div className="page-actions">{actions}</div>}
    </header>
  )
}

import { Link, useLocation } from 'wouter'
import logo from '../logo.svg'
import { isWithin, type Page, pages } from '../routing/pages.ts'
import './sidebar.css'

interface SidebarProps {
  readonly isOpen: boolean
  readonly onNavigate: () => void
}

/** Navigation between the pages; on narrow screens it opens over the page. */
export function Sidebar({ isOpen, onNavigate }: SidebarProps) {
  const [path] = useLocation()
  return (
    <nav id="navigation" className="sidebar" data-open={isOpen} aria-label="Pages">
      <Link href="/" className="brand" onClick={onNavigate} aria-label="Rex">
        <img src={logo} alt="" width="28" height="28" />
        <span aria-hidden>Rex</span>
      </Link>
      <ul>
        {pages.map((page) => (
          <li key={page.path}>
            <PageLink page={page} isCurrent={isWithin(path, page.path)} onNavigate={onNavigate} />
          </li>
        ))}
      </ul>
    </nav>
  )
}

interface PageLinkProps {
  readonly page: Page
  readonly isCurrent: boolean
  readonly onNavigate: () => void
}

function PageLink({ page: { path, name, icon: Icon }, isCurrent, onNavigate }: PageLinkProps) {
  return (
    <Link href={path} className="page-link" aria-current={isCurrent ? 'page' : undefined} onClick={onNavigate}>
      <Icon size={17} aria-hidden />
      {name}
    </Link>
  )
}

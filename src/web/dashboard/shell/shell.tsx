import { Menu as MenuIcon, Search, Send } from 'lucide-react'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { useLive, useSignedIn } from '../connection/signed-in.tsx'
import { useStore } from '../connection/store.ts'
import { Button } from '../parts/controls/button.tsx'
import { Announcer, announce } from '../parts/messages/announcer.tsx'
import { Toasts } from '../parts/messages/toast.tsx'
import { AccountMenu } from './account-menu.tsx'
import { CurrentPage } from './current-page.tsx'
import { LiveLine } from './live-line.tsx'
import type { Overlay } from './overlay.ts'
import { useShortcuts } from './shortcuts.ts'
import { Sidebar } from './sidebar.tsx'
import { noteLead, watchVisibility } from './unseen-leads.ts'
import './shell.css'

const Palette = lazy(async () => ({ default: (await import('./overlays/palette.tsx')).Palette }))
const ShortcutList = lazy(async () => ({ default: (await import('./overlays/shortcut-list.tsx')).ShortcutList }))
const TestLead = lazy(async () => ({ default: (await import('./test-lead/test-lead.tsx')).TestLead }))

/** Frame around the pages: navigation, state of the connection, and what opens over every page. */
export function Shell() {
  const [overlay, open] = useState<Overlay>()
  const [isNavigationOpen, setNavigationOpen] = useState(false)
  const close = useCallback(() => open(undefined), [])
  const [path] = useLocation()
  useShortcuts(open)
  useNewLeads()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the navigation closes when another page opens.
  useEffect(() => setNavigationOpen(false), [path])
  return (
    <div className="shell">
      <button type="button" className="skip-link" onClick={focusMain}>
        Skip to the content
      </button>
      <Sidebar isOpen={isNavigationOpen} onNavigate={() => setNavigationOpen(false)} />
      {isNavigationOpen && <div className="navigation-veil" onPointerDown={() => setNavigationOpen(false)} />}
      <div className="stage">
        <TopBar isNavigationOpen={isNavigationOpen} onNavigation={() => setNavigationOpen((is) => !is)} open={open} />
        <Notice />
        <main id="main" tabIndex={-1}>
          <CurrentPage openTestLead={() => open('test-lead')} />
        </main>
      </div>
      <Suspense>
        {overlay === 'palette' && <Palette onClose={close} open={open} />}
        {overlay === 'shortcuts' && <ShortcutList onClose={close} />}
        {overlay === 'test-lead' && <TestLead onClose={close} />}
      </Suspense>
      <Toasts />
      <Announcer />
    </div>
  )
}

interface TopBarProps {
  readonly isNavigationOpen: boolean
  readonly onNavigation: () => void
  readonly open: (overlay: Overlay) => void
}

function TopBar({ isNavigationOpen, onNavigation, open }: TopBarProps) {
  return (
    <header className="top-bar">
      <Button
        look="quiet"
        className="navigation-button"
        aria-label="Navigation"
        aria-expanded={isNavigationOpen}
        aria-controls="navigation"
        onClick={onNavigation}
      >
        <MenuIcon size={18} aria-hidden />
      </Button>
      <button
        type="button"
        className="search-button"
        aria-label="Search or go to … Ctrl K"
        onClick={() => open('palette')}
      >
        <Search size={15} aria-hidden />
        <span>Search or go to …</span>
        <kbd>Ctrl K</kbd>
      </button>
      <LiveLine />
      <Button
        look="primary"
        className="test-lead-button"
        aria-label="Send a test lead"
        onClick={() => open('test-lead')}
      >
        <Send size={15} aria-hidden />
        <span>Send a test lead</span>
      </Button>
      <AccountMenu onShortcuts={() => open('shortcuts')} />
    </header>
  )
}

/** The reason while requests are retried. */
function Notice() {
  const { connection } = useSignedIn()
  return (
    <p className="notice" role="status">
      {useStore(connection.notice)}
    </p>
  )
}

/** Announces new leads, and counts those that arrive while nobody looks. */
function useNewLeads(): void {
  useEffect(watchVisibility, [])
  useLive('events', ({ type, contact }) => {
    if (type !== 'contact.created') return
    noteLead()
    announce(`New lead: ${contact?.displayName ?? 'without a name'}`)
  })
}

function focusMain(): void {
  document.getElementById('main')?.focus()
}

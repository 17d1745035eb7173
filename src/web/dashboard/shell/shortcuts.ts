import { useEffect } from 'react'
import { navigate } from '../routing/fragment-location.ts'
import { pages } from '../routing/pages.ts'
import type { Overlay } from './shell.tsx'

const sequenceMs = 1500

/** Listens for the shortcuts of every page: Ctrl or Cmd with K, `?`, `t`, and `g` with the key of a page. */
export function useShortcuts(open: (overlay: Overlay) => void): void {
  useEffect(() => {
    let goUntil = 0
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        return open('palette')
      }
      if (isForSomethingElse(event)) return
      if (Date.now() < goUntil) return goTo(event.key)
      if (event.key === 'g') goUntil = Date.now() + sequenceMs
      if (event.key === '?') open('shortcuts')
      if (event.key === 't') open('test-lead')
    }
    const goTo = (key: string) => {
      goUntil = 0
      const page = pages.find((each) => each.key === key)
      if (page) navigate(page.path)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [open])
}

/** Returns whether the user types, or uses another combination or an open dialog. */
function isForSomethingElse({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || document.querySelector('dialog[open]') !== null) return true
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
}

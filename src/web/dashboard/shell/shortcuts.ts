import { useEffect } from 'react'
import { navigate } from '../routing/fragment-location.ts'
import { isForSomethingElse } from '../routing/free-keys.ts'
import { pages } from '../routing/pages.ts'
import type { Overlay } from './overlay.ts'

const sequenceMs = 1500

const overlays: Readonly<Record<string, Overlay>> = { '?': 'shortcuts', t: 'test-lead' }

/** Listens for the shortcuts of every page: Ctrl or Cmd with K, `?`, `t`, and `g` with the key of a page. */
export function useShortcuts(open: (overlay: Overlay) => void): void {
  useEffect(() => {
    let goUntil = 0
    const onKey = (event: KeyboardEvent) => {
      if (isPaletteKey(event)) {
        event.preventDefault()
        open('palette')
      }
      if (isForSomethingElse(event)) return
      const overlay = overlays[event.key]
      if (Date.now() < goUntil) goTo(event.key)
      else if (overlay) open(overlay)
      goUntil = event.key === 'g' ? Date.now() + sequenceMs : 0
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [open])
}

function goTo(key: string): void {
  const page = pages.find((each) => each.key === key)
  if (page) navigate(page.path)
}

function isPaletteKey({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return key === 'k' && (ctrlKey || metaKey)
}

import { type RefObject, useEffect, useEffectEvent, useRef } from 'react'
import { isForSomethingElse } from '../../../routing/free-keys.ts'
import type { Decision } from './use-decisions.ts'

interface HeldKeys {
  readonly list: RefObject<HTMLElement | null>
  readonly onSelect: (id: string) => void
  /** Called with the focused submission, if one has the focus. */
  readonly onDecide: (decision: Decision, id: string | undefined) => void
}

const steps: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }
const decisions: Readonly<Record<string, Decision>> = { r: 'release', s: 'spam' }
const sequenceMs = 1500

/** Moves through the list by `j`, `k` and arrows; `x` selects, `r` releases, `s` marks as spam. */
export function useHeldKeys({ list, onSelect, onDecide }: HeldKeys): void {
  // After `g` a key opens a page.
  const goUntil = useRef(0)
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (isForSomethingElse(event)) return
    const isGoing = Date.now() < goUntil.current
    goUntil.current = event.key === 'g' ? Date.now() + sequenceMs : 0
    if (!isGoing) act(event)
  })
  const act = (event: KeyboardEvent) => {
    const current = cardOf(document.activeElement)
    const [step, decision] = [steps[event.key], decisions[event.key]]
    // Outside of the list the arrows scroll the page.
    if (step !== undefined && (current || !event.key.startsWith('Arrow'))) {
      event.preventDefault()
      focusCard(list.current, step, current)
    }
    if (event.key === 'x' && current) onSelect(idOf(current))
    if (decision) onDecide(decision, current && idOf(current))
  }
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event)
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
}

function cardOf(node: Element | null): HTMLElement | undefined {
  return node?.closest<HTMLElement>('.held-card') ?? undefined
}

function idOf(card: HTMLElement): string {
  return card.dataset['id'] ?? ''
}

function cardsOf(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('.held-card') ?? [])]
}

function focusCard(list: HTMLElement | null, step: number, current: HTMLElement | undefined): void {
  const cards = cardsOf(list)
  const at = current === undefined ? -1 : cards.indexOf(current)
  cards[Math.min(Math.max(at + step, 0), cards.length - 1)]?.focus()
}

/** Keeps the focus, which a button loses while it is busy: at its card, else at the list. */
export function holdFocus(list: HTMLElement | null): void {
  const focused = document.activeElement
  if (list?.contains(focused)) (cardOf(focused) ?? list).focus()
}

/** Moves the focus from cards that go to the next one that stays, else to the list. */
export function focusAfter(list: HTMLElement | null, goneIds: ReadonlySet<string>): void {
  const current = cardOf(document.activeElement)
  if (current === undefined || !goneIds.has(idOf(current))) return
  const cards = cardsOf(list)
  const at = cards.indexOf(current)
  const staying = (card: HTMLElement) => !goneIds.has(idOf(card))
  const next = cards.slice(at).find(staying) ?? cards.slice(0, at).findLast(staying)
  const target = next ?? list
  target?.focus()
}

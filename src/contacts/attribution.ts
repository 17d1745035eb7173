import type { Metadata, Touch } from './contact.ts'

const clickIdKeys = [
  'gclid',
  'gbraid',
  'wbraid',
  'fbclid',
  'msclkid',
  'ttclid',
  'li_fat_id',
  'twclid',
  'dclid',
] as const

/** The touch that a capture's metadata tell of; null when they carry nothing. */
export function touchOf(metadata: Metadata, now: Date): Touch | null {
  const text = (key: string) => (typeof metadata[key] === 'string' ? metadata[key] : null)
  const clickIds = Object.fromEntries(
    clickIdKeys.flatMap((key) => {
      const value = text(key)
      return value === null ? [] : [[key, value]]
    }),
  )
  const touch: Touch = {
    source: text('utm_source'),
    medium: text('utm_medium'),
    campaign: text('utm_campaign'),
    term: text('utm_term'),
    content: text('utm_content'),
    clickIds,
    referrer: text('referrer'),
    landingPage: text('landing_page'),
    capturedAt: now.toISOString(),
  }
  return carriesSomething(touch) ? touch : null
}

function carriesSomething({ capturedAt: _, clickIds, ...values }: Touch): boolean {
  return Object.keys(clickIds).length > 0 || Object.values(values).some((value) => value !== null)
}

import type { Metadata, MetadataValue, Touch } from './contact.ts'

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

/** Returns whether a parameter of a URL tells where its visitor came from: `utm_*` or a click id. */
export function isTouchParameter(name: string): boolean {
  return /^utm_[a-z0-9_.-]{1,60}$/.test(name) || clickIdKeys.some((key) => key === name)
}

/** Reads the touch from a capture's metadata; returns null when they contain none of its keys. */
export function touchOf(metadata: Metadata, now: Date): Touch | null {
  return readTouch((key) => metadata[key], now)
}

/**
 * Returns the first touch of the visit that ended in a capture: from `first_utm_source` and the like, else the only
 * touch.
 */
export function firstTouchOf(metadata: Metadata, now: Date): Touch | null {
  return readTouch((key) => metadata[`first_${key}`], now) ?? touchOf(metadata, now)
}

function readTouch(valueAt: (key: string) => MetadataValue | undefined, now: Date): Touch | null {
  const text = (key: string) => {
    const value = valueAt(key)
    return typeof value === 'string' ? value : null
  }
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
  return hasValues(touch) ? touch : null
}

function hasValues({ capturedAt: _, clickIds, ...values }: Touch): boolean {
  return Object.keys(clickIds).length > 0 || Object.values(values).some((value) => value !== null)
}

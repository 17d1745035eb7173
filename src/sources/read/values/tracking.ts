import { joinWords } from '../labels.ts'

const clickIds = ['gclid', 'gbraid', 'wbraid', 'fbclid', 'msclkid', 'ttclid', 'li_fat_id', 'twclid', 'dclid']
const campaignValues = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content']

/** Metadata keys of a visit's origin by the spellings of their labels. The keys are those that attribution reads. */
const trackingKeys = new Map<string, string>([
  ...[...clickIds, ...campaignValues].map((key) => [key.replaceAll('_', ''), key] as const),
  ...['referrer', 'referer', 'httpreferer', 'httpreferrer', 'referrerurl', 'refererurl', 'referringurl'].map(
    (spelling) => [spelling, 'referrer'] as const,
  ),
  ...['landingpage', 'landingpageurl', 'landingurl'].map((spelling) => [spelling, 'landing_page'] as const),
  ['utmname', 'utm_campaign'],
  ['utmkeyword', 'utm_term'],
])

const queryClickIds = new Set(clickIds)
const campaignKey = /^utm_[a-z0-9_.-]{1,60}$/
const maxQueryValueLength = 2048

/**
 * Returns the metadata key of a value that says where the lead came from: `utmSource`, `gcl_id` and `utm.id`, for
 * instance.
 */
export function trackingKeyOfWords(words: readonly string[]): string | undefined {
  if (words.length > 5) return undefined
  const known = trackingKeys.get(joinWords(words))
  if (known !== undefined || words[0] !== 'utm') return known
  if (trackingKeys.has(joinWords(words.slice(1)))) return undefined // `utm.gclid`: its own label names it.
  const key = words.join('_')
  return campaignKey.test(key) ? key : undefined
}

/** Returns the campaign values and click ids in the query of a source's URL. */
export function trackingInQuery(query: URLSearchParams): [key: string, value: string][] {
  return [...query].filter(([key, value]) => isQueryKey(key) && isQueryValue(value))
}

/** Returns whether a key of a source's URL counts as a field: `utm_*` and click ids, as at `POST /capture`. */
export function isQueryKey(key: string): boolean {
  return campaignKey.test(key) || queryClickIds.has(key)
}

function isQueryValue(value: string): boolean {
  return value.trim() !== '' && value.length <= maxQueryValueLength && !value.includes('\u0000')
}

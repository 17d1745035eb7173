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

/** Keys of a source's URL that count as fields. */
const queryKeys = new Set([...clickIds, ...campaignValues])

/** Returns the metadata key of a value that says where the lead came from: `utmSource` and `gcl_id`, for instance. */
export function trackingKeyOfWords(words: readonly string[]): string | undefined {
  return words.length > 5 ? undefined : trackingKeys.get(joinWords(words))
}

/** Returns the campaign values and click ids in the query of a source's URL. */
export function trackingInQuery(query: URLSearchParams): [key: string, value: string][] {
  return [...query].filter(([key, value]) => isQueryKey(key) && value.trim() !== '')
}

/** Returns whether a key of a source's URL counts as a field. */
export function isQueryKey(key: string): boolean {
  return queryKeys.has(key)
}

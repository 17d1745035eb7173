import { InvalidArgumentError } from 'commander'
import type { MappingRuleInput, SourceKind } from '../../../generated/cli/graphql.ts'

/** Kinds of sources: those of the schema. */
export const sourceKinds = [
  'ACTIVE_CAMPAIGN',
  'CALENDLY',
  'CAL_COM',
  'CHATWOOT',
  'CONTACT_FORM_7',
  'CRISP',
  'DRIFT',
  'ELEMENTOR',
  'FLUENT_FORMS',
  'FORMIDABLE',
  'FRAMER',
  'GENERIC',
  'GOOGLE_ADS',
  'GOOGLE_FORMS',
  'GRAVITY_FORMS',
  'HUBSPOT',
  'INSTAPAGE',
  'INTERCOM',
  'JOTFORM',
  'KIT',
  'LANDBOT',
  'LEADPAGES',
  'LINKEDIN',
  'MAILCHIMP',
  'MAKE',
  'MANYCHAT',
  'META_LEAD_ADS',
  'NETLIFY',
  'NINJA_FORMS',
  'RUDDERSTACK',
  'SEGMENT',
  'SLACK',
  'SQUARESPACE',
  'TALLY',
  'TIDIO',
  'TIKTOK',
  'TYPEBOT',
  'TYPEFORM',
  'UNBOUNCE',
  'WEBFLOW',
  'WIX',
  'WPFORMS',
  'ZAPIER',
] as const satisfies readonly SourceKind[]

/** Parses the kind of a source, such as `typeform` or `cal-com`. */
export function sourceKind(text: string): SourceKind {
  const name = text.trim().toUpperCase().replaceAll(/[-\s]/g, '_')
  const kind = sourceKinds.find((each) => each === name)
  if (kind !== undefined) return kind
  throw new InvalidArgumentError(`One of ${sourceKinds.join(', ').toLowerCase()} is expected.`)
}

/** Adds the rule `field=path|path` to those given before. */
export function collectRule(text: string, before: readonly MappingRuleInput[] = []): MappingRuleInput[] {
  const separator = text.indexOf('=')
  const field = text.slice(0, separator).trim()
  const paths = splitPaths(text.slice(separator + 1))
  if (separator < 1 || field === '' || paths.length === 0)
    throw new InvalidArgumentError('field=path is expected, or field=path|path.')
  return [...before, { field, paths }]
}

/** Splits at `|`, but not inside brackets: a quoted name may hold one. */
function splitPaths(text: string): string[] {
  return (text.match(/(?:\[[^\]]*\]|[^|])+/g) ?? []).map((path) => path.trim()).filter((path) => path !== '')
}

import { InvalidArgumentError } from 'commander'
import type { MappingRuleInput, SourceKind } from '../../../generated/cli/graphql.ts'

/** Parses the kind of a source, such as `typeform` or `cal-com`. The server knows which kinds there are. */
export function sourceKind(text: string): SourceKind {
  return text.trim().toUpperCase().replaceAll(/[-\s]/g, '_') as SourceKind
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

import type { Command } from 'commander'
import type { ContactFilter } from '../../../generated/cli/graphql.ts'
import { collectPair, moment } from '../../frame/option-values.ts'

/** Options that choose contacts. */
export interface ContactChoice {
  readonly search?: string
  readonly stage?: string
  readonly source?: string
  readonly campaign?: string
  readonly since?: Date
  readonly until?: Date
  readonly metadata?: Readonly<Record<string, string>>
}

/** Adds the options that choose contacts. */
export function withContactChoice(command: Command): Command {
  return command
    .option('--search <words>', 'words of the e-mail or the names')
    .option('--stage <stage>', 'only contacts in this stage')
    .option('--source <source>', 'only contacts of this source')
    .option('--campaign <campaign>', 'only contacts of this utm_campaign')
    .option('--since <time>', 'created since: 30m, 2h, 7d or a date', moment)
    .option('--until <time>', 'created before: 30m, 2h, 7d or a date', moment)
    .option('--metadata <key=value>', 'only contacts with this metadata; repeat it for more', collectPair)
}

/** Returns the filter of the chosen options; null: all contacts. */
export function contactFilter({
  stage,
  source,
  campaign,
  since,
  until,
  metadata,
}: ContactChoice): ContactFilter | null {
  const filter: ContactFilter = {
    ...(stage !== undefined && { stage: { eq: stage } }),
    ...(source !== undefined && { source: { eq: source } }),
    ...(campaign !== undefined && { utmCampaign: { eq: campaign } }),
    ...((since || until) && { createdAt: { gte: since?.toISOString() ?? null, lt: until?.toISOString() ?? null } }),
    ...(metadata && { metadata: Object.entries(metadata).map(([key, eq]) => ({ key, eq })) }),
  }
  return Object.keys(filter).length === 0 ? null : filter
}

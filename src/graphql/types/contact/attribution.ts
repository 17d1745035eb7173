import type { Touch } from '../../../contacts/contact.ts'
import { builder } from '../../schema/builder.ts'

/** Marketing source of a person. */
export const Attribution = builder.objectRef<Touch>('Attribution').implement({
  fields: (t) => ({
    source: t.exposeString('source', { nullable: true }),
    medium: t.exposeString('medium', { nullable: true }),
    campaign: t.exposeString('campaign', { nullable: true }),
    term: t.exposeString('term', { nullable: true }),
    content: t.exposeString('content', { nullable: true }),
    clickIds: t.field({ type: 'JSON', resolve: ({ clickIds }) => clickIds }),
    referrer: t.exposeString('referrer', { nullable: true }),
    landingPage: t.exposeString('landingPage', { nullable: true }),
    capturedAt: t.field({ type: 'DateTime', resolve: ({ capturedAt }) => new Date(capturedAt) }),
  }),
})

/** Parses a touch from the database; only contacts/attribution.ts writes it. */
export function parseTouch(stored: unknown): Touch | null {
  return typeof stored === 'object' && stored !== null ? (stored as Touch) : null
}

import { builder } from '../../../schema/builder.ts'
import { DateTimeFilter, type DateTimeFilterInput, StringFilter, type StringFilterInput } from '../../shared/filters.ts'

const MetadataFilter = builder.inputType('MetadataFilter', {
  fields: (t) => ({
    key: t.string({ required: true }),
    eq: t.string(),
    exists: t.boolean(),
  }),
})

export interface MetadataFilterInput {
  key: string
  eq?: string | null | undefined
  exists?: boolean | null | undefined
}

export interface ContactFilterInput {
  and?: readonly ContactFilterInput[] | null | undefined
  or?: readonly ContactFilterInput[] | null | undefined
  not?: ContactFilterInput | null | undefined
  email?: StringFilterInput | null | undefined
  name?: StringFilterInput | null | undefined
  stage?: StringFilterInput | null | undefined
  source?: StringFilterInput | null | undefined
  utmSource?: StringFilterInput | null | undefined
  utmCampaign?: StringFilterInput | null | undefined
  metadata?: readonly MetadataFilterInput[] | null | undefined
  createdAt?: DateTimeFilterInput | null | undefined
  lastSeenAt?: DateTimeFilterInput | null | undefined
}

export const ContactFilter = builder.inputRef<ContactFilterInput>('ContactFilter').implement({
  fields: (t) => ({
    and: t.field({ type: [ContactFilter] }),
    or: t.field({ type: [ContactFilter] }),
    not: t.field({ type: ContactFilter }),
    email: t.field({ type: StringFilter, description: 'Needs the scope PII_READ.' }),
    name: t.field({ type: StringFilter, description: 'First name, last name, or both with a space.' }),
    stage: t.field({ type: StringFilter }),
    source: t.field({ type: StringFilter }),
    utmSource: t.field({ type: StringFilter }),
    utmCampaign: t.field({ type: StringFilter }),
    metadata: t.field({ type: [MetadataFilter] }),
    createdAt: t.field({ type: DateTimeFilter }),
    lastSeenAt: t.field({ type: DateTimeFilter }),
  }),
})

/** Whether the filter uses e-mails: such a filter could be used to guess them letter by letter. */
export function asksForEmails({ email, and, or, not }: ContactFilterInput): boolean {
  return Boolean(email) || [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])].some(asksForEmails)
}

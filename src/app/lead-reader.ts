import type { HeldLeadReader } from '../capture/source/held-leads.ts'
import { allKinds, kindOf } from '../sources/kinds/all-kinds.ts'
import { readLead } from '../sources/read/read-lead.ts'

/** Reads the leads of sources with all kinds. */
export const leadReader: HeldLeadReader = { readLead, kinds: { allKinds, kindOf } }

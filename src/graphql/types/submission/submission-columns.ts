import type { JoinedList } from '../../schema/relay/joined-children.ts'
import { fieldColumns } from '../../schema/relay/selected-columns.ts'

/** The submissions of contacts. */
export const contactSubmissions = {
  parentType: 'Contact',
  parentTable: 'contact',
  field: 'submissions',
  table: 'submission',
  parentColumn: 'contact_id',
  orderColumn: 'id',
  fieldColumns: {
    always: ['id'],
    fields: fieldColumns(
      [
        ...['id', 'status', 'outcome', 'fields', 'source', 'origin', 'userAgent', 'spamReasons', 'receivedAt'],
        ...['reasons', 'raw'],
      ],
      { changes: ['changes', 'fields'], email: ['email', 'contactId'], inboundSource: ['sourceId'] },
    ),
  },
  times: ['receivedAt'],
} as const satisfies JoinedList

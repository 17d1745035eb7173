import { z } from 'zod'
import { canReadPii, maskEmail, maskEmails, maskedText, maskLocalPart } from '../../../contacts/masking.ts'
import type { Contact as ContactRow } from '../../../generated/prisma/client.ts'
import { toStoredEmail } from '../../../platform/text/email.ts'
import { inWorkspace, type Viewer } from '../../../workspaces/viewer.ts'
import { refusal } from '../../execution/errors.ts'
import { builder } from '../../schema/builder.ts'
import { boundedFilter } from '../../schema/relay/bounded-list.ts'
import {
  cursorList,
  type Page,
  pageArgs,
  pageComplexity,
  pageFields,
  pageOf,
  readSlice,
} from '../../schema/relay/connection.ts'
import { joinedChildren } from '../../schema/relay/joined-children.ts'
import { selectedColumns } from '../../schema/relay/selected-columns.ts'
import { Count, type Counted, countLimit } from '../shared/count.ts'
import { contactSubmissions } from '../submission/submission-columns.ts'
import { Attribution, parseTouch } from './attribution.ts'
import { contactIdOf } from './contact-aliases.ts'
import { countContacts, readContacts } from './contact-list.ts'
import { ContactOrder, type ContactOrdering, orderingOf } from './contact-order.ts'
import { countNewest, walkContacts } from './contact-walk.ts'
import { asksForEmails, ContactFilter } from './filter/contact-filter.ts'
import { isFoundByIndex } from './filter/contact-filter-index.ts'
import { checkFilterSize } from './filter/contact-filter-size.ts'
import { whereOfFilter, whereOfSearch } from './filter/contact-where.ts'

export const Contact = builder.prismaNode('Contact', {
  id: { resolve: ({ id }) => id },
  findUnique: (id, { viewer: { workspaceId } }) => ({ workspaceId_id: { workspaceId, id } }),
  nullable: true,
  authScopes: { scope: 'CONTACTS_READ' },
  fields: (t) => ({
    email: t.string({
      description: 'Masked (`j***@example.com`) for keys without PII_READ.',
      resolve: ({ email }, _args, { viewer }) => (canReadPii(viewer) ? email : maskEmail(email)),
    }),
    firstName: t.string({
      nullable: true,
      resolve: ({ firstName }, _args, { viewer }) => maskedText(firstName, viewer),
    }),
    lastName: t.string({ nullable: true, resolve: ({ lastName }, _args, { viewer }) => maskedText(lastName, viewer) }),
    displayName: t.string({
      description: 'The name, else the local part of the e-mail.',
      resolve: (contact, _args, { viewer }) => displayNameOf(contact, viewer),
    }),
    stage: t.exposeString('stage', { description: 'One of workspace.stages.' }),
    source: t.string({ nullable: true, resolve: ({ source }, _args, { viewer }) => maskedText(source, viewer) }),
    metadata: t.field({
      type: 'JSON',
      description: '{} when empty.',
      resolve: ({ metadata }, _args, { viewer }) => (canReadPii(viewer) ? metadata : maskEmails(metadata)),
    }),
    firstTouch: t.field({
      type: Attribution,
      nullable: true,
      description: 'Set once.',
      resolve: ({ firstTouch }, _args, { viewer }) =>
        parseTouch(canReadPii(viewer) ? firstTouch : maskEmails(firstTouch)),
    }),
    lastTouch: t.field({
      type: Attribution,
      nullable: true,
      description: 'Replaced only by a touch that has data.',
      resolve: ({ lastTouch }, _args, { viewer }) => parseTouch(canReadPii(viewer) ? lastTouch : maskEmails(lastTouch)),
    }),
    submissionCount: t.exposeInt('submissionCount'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime' }),
    version: t.exposeInt('version', {
      description: 'Increases with every change; see UpdateContactInput.expectedVersion.',
    }),
  }),
})

interface CountedPage extends Page<ContactRow> {
  count(): Promise<Counted>
}

const ContactConnection = builder.objectRef<CountedPage>('ContactConnection').implement({
  fields: (t) => ({
    ...pageFields(t, 'Contact', Contact),
    totalCount: t.field({ type: Count, resolve: ({ count }) => count() }),
  }),
})

builder.queryField('contact', (t) =>
  t.prismaField({
    type: Contact,
    nullable: true,
    authScopes: { scope: 'CONTACTS_READ' },
    args: { by: t.arg({ type: ContactKey, required: true }) },
    resolve: async (query, _root, { by }, context) => {
      const { database, viewer } = context
      if (by.id == null && !canReadPii(viewer))
        throw refusal('FORBIDDEN', 'Looking up a contact by e-mail requires the scope PII_READ.')
      const key = by.id != null ? { id: await contactIdOf(context, by.id) } : { email: toStoredEmail(by.email ?? '') }
      return database.prisma.contact.findFirst({ ...query, where: inWorkspace(viewer, key) })
    },
  }),
)

builder.queryField('contacts', (t) =>
  t.field({
    type: ContactConnection,
    authScopes: { scope: 'CONTACTS_READ' },
    complexity: pageComplexity,
    args: {
      ...pageArgs,
      filter: t.arg({ type: ContactFilter, description: boundedFilter }),
      search: t.arg.string({
        description: 'Words of the e-mail or the names; for keys without PII_READ only of the names.',
        validate: z.string().max(200).nullish(),
      }),
      orderBy: t.arg({ type: ContactOrder }),
    },
    resolve: async (_root, { filter, search, orderBy, ...args }, context, info) => {
      const { viewer } = context
      if (filter) checkFilterSize(filter)
      const ordering = orderingOf(orderBy, filter)
      requireEmailAccess(canReadPii(viewer), ordering, filter != null && asksForEmails(filter))
      const scope = cursorList(context, ordering.list)
      const slice = readSlice(args, scope)
      const filters = [
        ...(filter ? [whereOfFilter(filter, canReadPii(viewer))] : []),
        ...(search ? [whereOfSearch(search, canReadPii(viewer))] : []),
      ]
      const contactSearch = { viewer, filters, ordering, slice }
      const selection = {
        columns: selectedColumns(info, ordering.fieldColumns),
        children: joinedChildren(info, contactSubmissions),
      }
      const isFound = filter == null || isFoundByIndex(filter) || isSearch(search)
      const { rows, resume } = isFound
        ? { rows: await readContacts(context, contactSearch, selection), resume: undefined }
        : await walkContacts(context, contactSearch, selection)
      const isAll = slice.after === undefined && slice.before === undefined && rows.length <= slice.size
      const count = async () => {
        if (isAll && resume === undefined) return { counted: rows.length }
        return isFound
          ? { counted: await countContacts(context, filters, countLimit) }
          : countNewest(context, contactSearch)
      }
      return Object.assign(pageOf(rows, slice, scope, ordering.keyOf, resume), { count })
    },
  }),
)

const ContactKey = builder.inputType('ContactKey', {
  isOneOf: true,
  fields: (t) => ({ id: t.id(), email: t.string() }),
})

function isSearch(search: string | null | undefined): boolean {
  return search != null && search.trim() !== ''
}

/** Checks access to e-mails: filters and orders could reveal them letter by letter, and cursors contain them. */
function requireEmailAccess(isAllowed: boolean, ordering: ContactOrdering, usesEmail: boolean): void {
  if (isAllowed || !(usesEmail || ordering.isByEmail)) return
  throw refusal('FORBIDDEN', 'Filtering and ordering by e-mail requires the scope PII_READ.')
}

function displayNameOf({ firstName, lastName, email }: ContactRow, viewer: Viewer): string {
  const name = [firstName, lastName].flatMap((part) => maskedText(part, viewer) ?? []).join(' ')
  if (name !== '') return name
  const local = email.slice(0, email.lastIndexOf('@'))
  return canReadPii(viewer) ? local : maskLocalPart(local)
}

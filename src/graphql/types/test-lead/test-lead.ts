import type { TestLeadProgress } from '../../../delivery/test-receiver/test-lead-deliveries.ts'
import type { AttemptError } from '../../../generated/prisma/enums.ts'
import { builder } from '../../schema/builder.ts'
import { Contact } from '../contact/contact.ts'
import { AttemptErrorRef, Delivery } from '../delivery/delivery.ts'

interface TestLeadStep {
  readonly name: (typeof stepNames)[number]
  readonly at: Date | null
  readonly error: AttemptError | null
}

const stepNames = ['CAPTURED', 'EVENT', 'DELIVERED', 'VERIFIED'] as const

const TestLeadStepName = builder.enumType('TestLeadStepName', {
  description:
    'CAPTURED: contact and submission are stored. EVENT: the event is in the log. DELIVERED: the built-in receiver responded. VERIFIED: it found the signature right.',
  values: stepNames,
})

const TestLeadStepRef = builder.objectRef<TestLeadStep>('TestLeadStep').implement({
  authScopes: { scope: 'WEBHOOKS_READ' },
  fields: (t) => ({
    name: t.expose('name', { type: TestLeadStepName }),
    at: t.expose('at', { type: 'DateTime', nullable: true, description: 'Null until it is done.' }),
    error: t.expose('error', {
      type: AttemptErrorRef,
      nullable: true,
      description: 'The failure of the last attempt; it is retried like any other.',
    }),
  }),
})

export const TestLead = builder.objectRef<TestLeadProgress>('TestLead').implement({
  description:
    'A lead with the source `rex-test` and an e-mail at example.com, which goes the way of every lead: to the live subscribers, to the webhooks of the workspace, and to a built-in receiver that verifies its signature. `eraseContact` erases it.',
  authScopes: { scope: 'WEBHOOKS_READ' },
  fields: (t) => ({
    id: t.exposeID('contactId', { description: 'The id of its contact.' }),
    steps: t.field({ type: [TestLeadStepRef], description: 'All steps, in order.', resolve: stepsOf }),
    contact: t.prismaField({
      type: Contact,
      nullable: true,
      description: 'Null once it is erased.',
      resolve: (query, { contactId: id }, _args, { database, viewer: { workspaceId } }) =>
        database.prisma.contact.findUnique({ ...query, where: { workspaceId_id: { workspaceId, id } } }),
    }),
    delivery: t.prismaField({
      type: Delivery,
      nullable: true,
      description: 'The delivery to the built-in receiver.',
      resolve: (query, { deliveryId: id }, _args, { database, viewer: { workspaceId } }) =>
        database.prisma.delivery.findUnique({ ...query, where: { workspaceId_id: { workspaceId, id } } }),
    }),
  }),
})

builder.queryField('testLead', (t) =>
  t.field({
    type: TestLead,
    nullable: true,
    authScopes: { scope: 'WEBHOOKS_READ' },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, { testLeadDeliveries, viewer: { workspaceId } }) =>
      testLeadDeliveries.read(workspaceId, id),
  }),
)

function stepsOf({ capturedAt, eventAt, attempt }: TestLeadProgress): TestLeadStep[] {
  const { error = null, responseStatus = null } = attempt ?? {}
  const responded = attempt && responseStatus !== null ? endOf(attempt) : null
  return [
    { name: 'CAPTURED', at: capturedAt, error: null },
    { name: 'EVENT', at: eventAt, error: null },
    { name: 'DELIVERED', at: responded, error: responded === null ? error : null },
    { name: 'VERIFIED', at: error === null ? responded : null, error: responded === null ? null : error },
  ]
}

function endOf({ startedAt, durationMs }: { readonly startedAt: Date; readonly durationMs: number }): Date {
  return new Date(startedAt.getTime() + durationMs)
}

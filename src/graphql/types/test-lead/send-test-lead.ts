import { capture } from '../../../capture/capture.ts'
import { newId } from '../../../platform/ids.ts'
import { hasScope } from '../../../workspaces/viewer.ts'
import type { Context } from '../../execution/context.ts'
import { builder } from '../../schema/builder.ts'
import { TestLead } from './test-lead.ts'

/** Source of test leads. */
const testSource = 'rex-test'

builder.mutationField('sendTestLead', (t) =>
  t.field({
    type: TestLead,
    nullable: true,
    description:
      'Captures a test lead. The webhooks of the workspace get it like any lead, with the source `rex-test`. Needs the scopes CAPTURE, WEBHOOKS_WRITE and WEBHOOKS_READ.',
    authScopes: (_root, _args, { viewer }) => hasScope(viewer, 'CAPTURE') && hasScope(viewer, 'WEBHOOKS_WRITE'),
    resolve: async (_root, _args, context) => {
      const { viewer, testLeadDeliveries, endpoints } = context
      const contactId = await captureTestLead(context)
      const { disabledEndpointId } = await testLeadDeliveries.add(viewer, contactId)
      if (disabledEndpointId !== undefined) await endpoints.update(viewer, disabledEndpointId, { enabled: true }, names)
      return testLeadDeliveries.read(viewer.workspaceId, contactId)
    },
  }),
)

const names = { maxInFlight: 'maxInFlight' }

/** Captures a new contact as a caller with a key does, and returns its id. */
async function captureTestLead(context: Context): Promise<string> {
  const { viewer, workspaces } = context
  const workspace = await workspaces.byId(viewer.workspaceId)
  if (workspace === undefined) throw new Error('Expected the workspace of the viewer.')
  const unique = newId('submission').toLowerCase().replace('_', '-')
  const body = { email: `test-${unique}@example.com`, first_name: 'Test', last_name: 'Lead', source: testSource }
  const { id } = await capture(context, {
    workspace,
    viewer,
    isOverBudget: async () => false,
    body,
    bytes: Buffer.from(JSON.stringify(body)),
    idempotencyKey: undefined,
    origin: undefined,
    userAgent: undefined,
  })
  return id
}

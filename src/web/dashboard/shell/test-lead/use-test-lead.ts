import { useEffect, useState } from 'react'
import {
  type AttemptError,
  FollowTestLeadDocument,
  SendTestLeadDocument,
  type TestLeadFragment,
  type TestLeadStepName,
} from '../../../../generated/graphql/graphql.ts'
import { useChange, useReading } from '../../connection/reading.ts'
import type { Step } from './step-list.tsx'

const ways: readonly { readonly step: TestLeadStepName; readonly name: string; readonly about: string }[] = [
  { step: 'CAPTURED', name: 'Captured', about: 'The lead and its submission are stored.' },
  { step: 'EVENT', name: 'Event', about: 'It is in the event log, and everybody who follows it sees it.' },
  { step: 'DELIVERED', name: 'Webhook', about: 'A receiver in this server got the signed webhook.' },
  { step: 'VERIFIED', name: 'Verified', about: 'The receiver found the signature right.' },
]
const followMs = 300

/** Sends a test lead, and follows it through all steps; times count from its capture. */
export function useTestLead() {
  const [sent, setSent] = useState<TestLeadFragment>()
  const [problem, setProblem] = useState<string>()
  const { change, isChanging } = useChange(SendTestLeadDocument, ({ sendTestLead }) => sendTestLead)
  const lead = useProgress(sent)
  const send = async () => {
    setSent(undefined)
    setProblem(undefined)
    const outcome = await change({})
    if (outcome.kind === 'failed') setProblem(outcome.problem.message)
    else setSent(outcome.value)
  }
  const isRunning = isChanging || (lead !== undefined && !isVerified(lead))
  return { steps: stepsOf(lead), leadId: lead?.id, problem: problem ?? failureOf(lead), isRunning, send }
}

/** Reads the progress of a test lead until it is verified. */
function useProgress(sent: TestLeadFragment | undefined): TestLeadFragment | undefined {
  const { data, reload } = useReading(FollowTestLeadDocument, { id: sent?.id ?? '' }, { pause: sent === undefined })
  const read = data?.testLead ?? undefined
  const lead = read?.id === sent?.id ? (read ?? sent) : sent
  const isFollowed = lead !== undefined && !isVerified(lead)
  useEffect(() => {
    if (!isFollowed) return
    const timer = setInterval(reload, followMs)
    return () => clearInterval(timer)
  }, [isFollowed, reload])
  return lead
}

function isVerified({ steps }: TestLeadFragment): boolean {
  return steps.every(({ at }) => at !== null)
}

function stepsOf(lead: TestLeadFragment | undefined): Step[] {
  const capturedAt = lead?.steps.find(({ name }) => name === 'CAPTURED')?.at ?? undefined
  return ways.map(({ step, name, about }) => {
    const at = lead?.steps.find((each) => each.name === step)?.at ?? undefined
    const ms = at === undefined || capturedAt === undefined ? undefined : Date.parse(at) - Date.parse(capturedAt)
    return { name, about, ms }
  })
}

const reasons: Partial<Record<AttemptError, string>> = {
  BLOCKED_ADDRESS: 'webhooks may not reach this server',
  CONNECT: 'this server did not accept the connection',
  TIMEOUT: 'the receiver took too long',
  HTTP_STATUS: 'the receiver refused it',
}

function failureOf(lead: TestLeadFragment | undefined): string | undefined {
  const error = lead?.steps.find((step) => step.error !== null)?.error ?? undefined
  return error && `The webhook failed: ${reasons[error] ?? error}. Rex tries it again.`
}

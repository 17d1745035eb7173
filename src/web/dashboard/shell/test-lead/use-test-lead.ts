import { useRef, useState } from 'react'
import { CaptureTestLeadDocument } from '../../../../generated/graphql/graphql.ts'
import { useChange } from '../../connection/reading.ts'
import { useLive } from '../../connection/signed-in.tsx'
import type { Step } from './step-list.tsx'

const ways = [
  { id: 'captured', name: 'Captured', about: 'The contact is stored.' },
  { id: 'event', name: 'Event', about: 'It arrived here, over the live stream.' },
] as const

type StepId = (typeof ways)[number]['id']
type Times = Partial<Record<StepId, number>>

/** Sends a test lead, and notes when each step was done. */
export function useTestLead() {
  const [times, setTimes] = useState<Times>({})
  const [problem, setProblem] = useState<string>()
  const sent = useRef({ email: '', at: 0 })
  const { change, isChanging } = useChange(CaptureTestLeadDocument, ({ upsertContact }) => upsertContact)
  const finish = (step: StepId) => setTimes((known) => ({ [step]: performance.now() - sent.current.at, ...known }))
  // The event may arrive before the answer: the e-mail is known to both.
  useLive('events', ({ type, contact }) => {
    if (type === 'contact.created' && contact?.email === sent.current.email) finish('event')
  })
  const send = async () => {
    sent.current = { email: `test-${crypto.randomUUID()}@example.com`, at: performance.now() }
    setTimes({})
    setProblem(undefined)
    const outcome = await change({ email: sent.current.email })
    if (outcome.kind === 'failed') return setProblem(outcome.problem.message)
    finish('captured')
  }
  const steps: Step[] = ways.map(({ id, name, about }) => ({ name, about, ms: times[id] }))
  return { steps, problem, isRunning: isChanging, send }
}

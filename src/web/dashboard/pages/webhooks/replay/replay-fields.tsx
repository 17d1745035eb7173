import type { Problem } from '../../../connection/problem.ts'
import { CheckList } from '../../../parts/controls/check-list.tsx'
import { TextField } from '../../../parts/controls/field.tsx'
import { Switch } from '../../../parts/controls/switch.tsx'

const dayMs = 86_400_000

const choices = [
  { status: 'FAILED', name: 'Failed', isChosen: true },
  { status: 'HELD', name: 'Held', isChosen: true },
  { status: 'CANCELED', name: 'Canceled', isChosen: false },
  { status: 'SUCCEEDED', name: 'Succeeded', isChosen: false },
]

/** Fields of a replay: the time range, and which deliveries of it. */
export function ReplayFields({ problem }: { readonly problem: Problem | undefined }) {
  const problemAt = (path: string) => problem?.issues.find((issue) => issue.path.split('.').includes(path))?.message
  const from = localTime(new Date(Date.now() - dayMs))
  return (
    <>
      <TextField
        label="From"
        name="from"
        type="datetime-local"
        required
        defaultValue={from}
        problem={problemAt('from')}
      />
      <TextField
        label="To"
        name="to"
        type="datetime-local"
        hint="Left empty, it is now. Times are in your zone."
        problem={problemAt('to')}
      />
      <CheckList legend="Deliveries that are">
        {choices.map(({ status, name, isChosen }) => (
          <label key={status}>
            <input type="checkbox" name="status" value={status} defaultChecked={isChosen} />
            <span>{name}</span>
          </label>
        ))}
      </CheckList>
      <Switch name="includeNeverSent" label="Also events that were never due to this webhook">
        Such as those older than it.
      </Switch>
      {problem && problemAt('from') === undefined && problemAt('to') === undefined && (
        <p role="alert">{problem.issues[0]?.message ?? problem.message}</p>
      )}
    </>
  )
}

/** Returns a time in the viewer's zone as the control expects it. */
function localTime(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

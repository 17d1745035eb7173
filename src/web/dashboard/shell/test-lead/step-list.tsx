import { Check, Circle } from 'lucide-react'
import { durationText } from '../../parts/values/numbers.ts'
import './step-list.css'

export interface Step {
  readonly name: string
  readonly about: string
  /** Time since the lead was sent; undefined until the step is done. */
  readonly ms: number | undefined
}

/** Steps of the way; each turns green when it is done. */
export function StepList({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <ol className="steps" aria-live="polite">
      {steps.map(({ name, about, ms }) => (
        <li key={name} data-done={ms !== undefined}>
          {ms === undefined ? <Circle size={18} aria-hidden /> : <Check size={18} aria-hidden />}
          <div>
            <p className="step-name">{name}</p>
            <p className="soft">{about}</p>
          </div>
          <span className="numbers">{ms === undefined ? '' : durationText(ms)}</span>
        </li>
      ))}
    </ol>
  )
}

import { ArrowDown, ArrowUp, GripVertical, X } from 'lucide-react'
import { type DragEvent, type FormEvent, useState } from 'react'
import type { SettingsFragment } from '../../../../generated/graphql/graphql.ts'
import { Button } from '../../parts/controls/button.tsx'
import { TextField } from '../../parts/controls/field.tsx'
import { announce } from '../../parts/messages/announcer.tsx'
import { Card } from '../../parts/surface/card.tsx'
import { Untrusted } from '../../parts/values/untrusted.tsx'
import { useSettingsChange } from './use-settings-change.ts'
import './stage-settings.css'

/** Stage of every new lead, which always exists. */
const firstStage = 'lead'

/** Stages of a lead in their order, which is changed by dragging or by the arrows. */
export function StageSettings({ workspace }: { readonly workspace: SettingsFragment }) {
  const { problem, isChanging, save } = useSettingsChange()
  const [stages, setStages] = useState<readonly string[]>(workspace.stages)
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('stage') ?? '').trim()
    if (name === '' || stages.includes(name)) return
    setStages([...stages, name])
    event.currentTarget.reset()
  }
  const isChanged = stages.join('\n') !== workspace.stages.join('\n')
  return (
    <Card title="Stages">
      <div className="stack">
        <StageList stages={stages} onChange={setStages} />
        <form className="stage-add" onSubmit={add}>
          <TextField label="New stage" name="stage" maxLength={40} />
          <Button type="submit">Add</Button>
        </form>
        {problem !== undefined && <p role="alert">{problem}</p>}
        <div>
          <Button isBusy={isChanging} disabled={!isChanged} onClick={() => void save({ stages: [...stages] })}>
            Save
          </Button>
        </div>
      </div>
    </Card>
  )
}

interface StageListProps {
  readonly stages: readonly string[]
  readonly onChange: (stages: readonly string[]) => void
}

function StageList({ stages, onChange }: StageListProps) {
  const [dragged, setDragged] = useState<number>()
  const move = (from: number, to: number) => {
    const name = stages[from]
    if (name === undefined || to < 0 || to >= stages.length) return
    onChange(stages.toSpliced(from, 1).toSpliced(to, 0, name))
    announce(`${name} is stage ${to + 1} of ${stages.length}.`)
  }
  const drop = (event: DragEvent, nth: number) => {
    event.preventDefault()
    if (dragged !== undefined) move(dragged, nth)
    setDragged(undefined)
  }
  return (
    <ol className="stages">
      {stages.map((name, nth) => (
        <li
          key={name}
          draggable
          data-dragged={dragged === nth}
          onDragStart={() => setDragged(nth)}
          onDragEnd={() => setDragged(undefined)}
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => drop(event, nth)}
        >
          <GripVertical size={16} aria-hidden />
          <span className="stage-name">
            <Untrusted text={name} />
          </span>
          <Button look="quiet" aria-label={`Move ${name} up`} disabled={nth === 0} onClick={() => move(nth, nth - 1)}>
            <ArrowUp size={16} aria-hidden />
          </Button>
          <Button
            look="quiet"
            aria-label={`Move ${name} down`}
            disabled={nth === stages.length - 1}
            onClick={() => move(nth, nth + 1)}
          >
            <ArrowDown size={16} aria-hidden />
          </Button>
          <Button
            look="quiet"
            aria-label={`Remove ${name}`}
            disabled={name === firstStage}
            onClick={() => onChange(stages.toSpliced(nth, 1))}
          >
            <X size={16} aria-hidden />
          </Button>
        </li>
      ))}
    </ol>
  )
}

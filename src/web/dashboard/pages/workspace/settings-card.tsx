import type { FormEvent, ReactNode } from 'react'
import { Button } from '../../parts/controls/button.tsx'
import { Card } from '../../parts/surface/card.tsx'

interface SettingsCardProps {
  readonly title: string
  readonly problem: string | undefined
  readonly isChanging: boolean
  readonly onSave: (fields: FormData) => void
  readonly children: ReactNode
}

/** Card with settings that are saved together. */
export function SettingsCard({ title, problem, isChanging, onSave, children }: SettingsCardProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    onSave(new FormData(event.currentTarget))
  }
  return (
    <Card title={title}>
      <form className="stack" onSubmit={submit}>
        {children}
        {problem !== undefined && <p role="alert">{problem}</p>}
        <div>
          <Button type="submit" isBusy={isChanging}>
            Save
          </Button>
        </div>
      </form>
    </Card>
  )
}

import type { ReactNode } from 'react'
import './switch.css'

interface SwitchProps {
  readonly name: string
  readonly label: string
  readonly isOn?: boolean
  readonly onChange?: (isOn: boolean) => void
  /** Effect of the setting when it is on. */
  readonly children?: ReactNode
}

/** A setting that is on or off. */
export function Switch({ name, label, isOn = false, onChange, children }: SwitchProps) {
  return (
    <label className="switch">
      <input type="checkbox" name={name} defaultChecked={isOn} onChange={({ target }) => onChange?.(target.checked)} />
      <span>
        <strong>{label}</strong>
        {children !== undefined && <span className="soft">{children}</span>}
      </span>
    </label>
  )
}

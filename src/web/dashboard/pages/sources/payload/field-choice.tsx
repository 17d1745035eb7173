import { useState } from 'react'
import { fieldName, fieldNames } from '../mapping.ts'

interface FieldChoiceProps {
  readonly path: string
  /** Field that Rex finds by itself. */
  readonly guess: string | null
  /** Field of the mapping; empty without one. */
  readonly field: string
  readonly onChoose: (field: string) => void
}

const prefix = 'metadata.'

/** Choice of the field of a path: as it is found, a field of the contact, or metadata under a key. */
export function FieldChoice({ path, guess, field, onChoose }: FieldChoiceProps) {
  const isMetadata = field.startsWith(prefix)
  const asFound = guess === null ? 'As found' : `As found: ${fieldName(guess).replace('Metadata: ', '')}`
  return (
    <div className="field-choice">
      <select
        className="control"
        aria-label={`Field of ${path}`}
        value={isMetadata ? prefix : field}
        onChange={({ target }) => onChoose(target.value === prefix ? `${prefix}${keyOf(path)}` : target.value)}
      >
        <option value="">{asFound}</option>
        {Object.entries(fieldNames).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
        <option value={prefix}>Metadata …</option>
      </select>
      {isMetadata && <KeyInput path={path} stored={field.slice(prefix.length)} onChoose={onChoose} />}
    </div>
  )
}

interface KeyInputProps {
  readonly path: string
  readonly stored: string
  readonly onChoose: (field: string) => void
}

function KeyInput({ path, stored, onChoose }: KeyInputProps) {
  const [typed, setTyped] = useState<string>()
  const choose = () => {
    if (typed === undefined) return
    setTyped(undefined)
    const key = typed.trim() || keyOf(path)
    if (key !== stored) onChoose(`${prefix}${key}`)
  }
  return (
    <input
      className="control"
      aria-label={`Metadata key of ${path}`}
      maxLength={64}
      value={typed ?? stored}
      onChange={({ target }) => setTyped(target.value)}
      onBlur={choose}
      onKeyDown={({ key }) => key === 'Enter' && choose()}
    />
  )
}

/** Returns a key from the last name in a path. */
function keyOf(path: string): string {
  const names = path.toLowerCase().match(/[a-z]\w*/g)
  return names?.at(-1)?.slice(0, 64) ?? 'value'
}

import { type ComponentProps, type ReactElement, useId } from 'react'
import './field.css'

interface FieldProps {
  readonly label: string
  readonly hint?: string
  /** Error of this field, which is announced. */
  readonly problem?: string | undefined
  /** Receives the attributes that connect the control with its label. */
  readonly children: (control: ControlProps) => ReactElement
}

/** Attributes of a control inside a field. */
export interface ControlProps {
  readonly id: string
  readonly className: string
  readonly 'aria-describedby': string
  readonly 'aria-invalid': boolean
}

/** A labelled control with a hint and its error: `<Field label="URL">{(control) => <input {...control} />}</Field>`. */
export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        className: 'control',
        'aria-describedby': `${id}-hint ${id}-problem`,
        'aria-invalid': problem !== undefined,
      })}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="soft">
          {hint}
        </p>
      )}
      <p id={`${id}-problem`} className="field-problem" role="status">
        {problem}
      </p>
    </div>
  )
}

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'children'> {
  readonly label: string
  readonly hint?: string
  readonly problem?: string | undefined
}

/** A field with one line of text. */
export function TextField({ label, hint, problem, ...input }: TextFieldProps) {
  return (
    <Field label={label} problem={problem} {...(hint !== undefined && { hint })}>
      {(control) => <input {...input} {...control} />}
    </Field>
  )
}

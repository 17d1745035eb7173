import type { SourceKind } from '../../../../../generated/graphql/graphql.ts'
import { Field } from '../../../parts/controls/field.tsx'
import { useSourceTools } from '../source-tools.ts'

interface ToolChoiceProps {
  readonly kind: SourceKind
  readonly onChange: (kind: SourceKind) => void
}

/** Choice of the tool that sends the leads. */
export function ToolChoice({ kind, onChange }: ToolChoiceProps) {
  const tools = useSourceTools()
  const choose = (value: string) => {
    const tool = tools.find((each) => each.kind === value)
    if (tool) onChange(tool.kind)
  }
  return (
    <Field label="Tool">
      {(control) => (
        <select {...control} value={kind} onChange={({ target }) => choose(target.value)}>
          {tools.map((tool) => (
            <option key={tool.kind} value={tool.kind}>
              {tool.title}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

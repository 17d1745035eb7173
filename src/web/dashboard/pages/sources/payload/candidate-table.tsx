import type { PreviewFragment } from '../../../../../generated/graphql/graphql.ts'
import { Table } from '../../../parts/data/table.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { fieldName, fieldOfPath, type Rule } from '../mapping.ts'
import { FieldChoice } from './field-choice.tsx'

interface CandidateTableProps {
  readonly candidates: PreviewFragment['candidates']
  readonly rules: readonly Rule[]
  /** Called with the field of a path; without it the table is only shown. */
  readonly onChoose: ((path: string, field: string) => void) | undefined
}

const columns = ['Path', 'Value', 'Field']

/** Paths of a payload with their values and fields. */
export function CandidateTable({ candidates, rules, onChoose }: CandidateTableProps) {
  return (
    <Table label="Values of the payload" columns={columns}>
      {candidates.map(({ path, value, guess }) => {
        const field = fieldOfPath(rules, path)
        return (
          <tr key={path}>
            <th scope="row">
              <code>
                <Untrusted text={path} />
              </code>
            </th>
            <td>
              <Untrusted text={value} />
            </td>
            <td>
              {onChoose ? (
                <FieldChoice path={path} guess={guess} field={field} onChoose={(chosen) => onChoose(path, chosen)} />
              ) : (
                <Untrusted text={fieldName(field || guess || '–')} />
              )}
            </td>
          </tr>
        )
      })}
    </Table>
  )
}

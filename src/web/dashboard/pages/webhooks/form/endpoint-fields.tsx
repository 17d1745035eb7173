import type { EndpointFragment } from '../../../../../generated/graphql/graphql.ts'
import type { Problem } from '../../../connection/problem.ts'
import { CheckList } from '../../../parts/controls/check-list.tsx'
import { TextField } from '../../../parts/controls/field.tsx'
import { eventKinds } from './event-kinds.ts'

interface EndpointFieldsProps {
  readonly endpoint?: EndpointFragment
  readonly problem: Problem | undefined
  /** Without PII_READ a key may not change where the bodies go. */
  readonly isTargetFixed?: boolean
}

/** Fields of a webhook, with the errors beside what they are about. */
export function EndpointFields({ endpoint, problem, isTargetFixed = false }: EndpointFieldsProps) {
  const problemAt = (path: string) => problem?.issues.find((issue) => issue.path.split('.').includes(path))?.message
  return (
    <>
      <TextField
        label="URL"
        name="url"
        type="url"
        required
        readOnly={isTargetFixed}
        defaultValue={endpoint?.url}
        placeholder="https://example.com/hooks/rex"
        problem={problemAt('url')}
      />
      <EventChoice
        chosen={endpoint?.events ?? ['contact.created']}
        isFixed={isTargetFixed}
        problem={problemAt('events')}
      />
      <TextField
        label="Description"
        name="description"
        defaultValue={endpoint?.description ?? ''}
        problem={problemAt('description')}
      />
      {endpoint && (
        <TextField
          label="Requests at the same time"
          name="maxInFlight"
          type="number"
          min={1}
          required
          defaultValue={endpoint.maxInFlight}
          problem={problemAt('maxInFlight')}
        />
      )}
      {problem && problem.issues.length === 0 && <p role="alert">{problem.message}</p>}
    </>
  )
}

interface EventChoiceProps {
  readonly chosen: readonly string[]
  readonly isFixed: boolean
  readonly problem: string | undefined
}

function EventChoice({ chosen, isFixed, problem }: EventChoiceProps) {
  const known = new Set(eventKinds.map(({ type }) => type))
  const others = chosen.filter((type) => !known.has(type)).map((type) => ({ type, name: type }))
  return (
    <CheckList legend="Events" isDisabled={isFixed}>
      {[...eventKinds, ...others].map(({ type, name }) => (
        <label key={type}>
          <input type="checkbox" name="events" value={type} defaultChecked={chosen.includes(type)} />
          <span>
            {name} <code className="soft">{type}</code>
          </span>
        </label>
      ))}
      <p className="field-problem" role="status">
        {problem}
      </p>
    </CheckList>
  )
}

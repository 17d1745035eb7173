import { useMay } from '../../../connection/signed-in.tsx'
import { Button } from '../../../parts/controls/button.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { fieldName, type Rule } from '../mapping.ts'
import type { Mapping } from './use-mapping.ts'

interface MappingRulesProps {
  readonly mapping: Mapping
  readonly onEdit: (rules: readonly Rule[]) => void
  /** Called after the changes are saved or discarded. */
  readonly onSettled: () => void
}

/** Rules of a mapping: a change counts once it is saved. */
export function MappingRules({ mapping, onEdit, onSettled }: MappingRulesProps) {
  const { rules, isChanged, isSaving, problem, save, discard } = mapping
  const mayWrite = useMay('SOURCES_WRITE')
  const remove = (rule: Rule) => onEdit(rules.filter((each) => each !== rule))
  return (
    <section aria-label="Mapping">
      <h3>Mapping</h3>
      {rules.length === 0 && <p className="soft">No rules: every field is as Rex finds it.</p>}
      <ul className="rules">
        {rules.map((rule) => (
          <li key={rule.field}>
            <RuleText rule={rule} />
            {mayWrite && (
              <Button look="quiet" aria-label={`Remove ${rule.field}`} onClick={() => remove(rule)}>
                Remove
              </Button>
            )}
          </li>
        ))}
      </ul>
      {problem !== undefined && <p role="alert">{problem}</p>}
      {isChanged && (
        <div className="page-actions">
          <Button look="primary" isBusy={isSaving} onClick={() => void save().then(onSettled)}>
            Save the mapping
          </Button>
          <Button
            disabled={isSaving}
            onClick={() => {
              discard()
              onSettled()
            }}
          >
            Discard
          </Button>
        </div>
      )}
    </section>
  )
}

function RuleText({ rule: { field, paths } }: { readonly rule: Rule }) {
  return (
    <span>
      <Untrusted text={fieldName(field)} />
      {' ← '}
      <code>
        <Untrusted text={paths.join(' | ')} />
      </code>
    </span>
  )
}

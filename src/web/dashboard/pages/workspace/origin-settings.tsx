import type { SettingsFragment } from '../../../../generated/graphql/graphql.ts'
import { Field } from '../../parts/controls/field.tsx'
import { SettingsCard } from './settings-card.tsx'
import { useSettingsChange } from './use-settings-change.ts'

/** Pages that may send leads, and where forms may redirect visitors. */
export function OriginSettings({ workspace }: { readonly workspace: SettingsFragment }) {
  const { problem, isChanging, save } = useSettingsChange()
  const saveFields = (fields: FormData) =>
    void save({
      allowedOrigins: linesOf(fields.get('allowedOrigins')),
      redirectOrigins: linesOf(fields.get('redirectOrigins')),
    })
  return (
    <SettingsCard title="Origins" problem={problem} isChanging={isChanging} onSave={saveFields}>
      <Field
        label="Pages that may send leads"
        hint="One origin a line, such as https://www.example.com. Empty: any page may."
      >
        {(control) => (
          <textarea {...control} name="allowedOrigins" rows={3} defaultValue={workspace.allowedOrigins.join('\n')} />
        )}
      </Field>
      <Field label="Pages that forms may redirect to" hint="One origin a line, for the field _redirect of a form.">
        {(control) => (
          <textarea {...control} name="redirectOrigins" rows={3} defaultValue={workspace.redirectOrigins.join('\n')} />
        )}
      </Field>
    </SettingsCard>
  )
}

function linesOf(text: FormDataEntryValue | null): string[] {
  const lines = typeof text === 'string' ? text.split('\n') : []
  return lines.map((line) => line.trim()).filter((line) => line !== '')
}

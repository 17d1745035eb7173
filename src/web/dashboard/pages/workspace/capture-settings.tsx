import type { SettingsFragment } from '../../../../generated/graphql/graphql.ts'
import { Field, TextField } from '../../parts/controls/field.tsx'
import { Switch } from '../../parts/controls/switch.tsx'
import { SettingsCard } from './settings-card.tsx'
import { useSettingsChange } from './use-settings-change.ts'

/** How captures are merged, answered and screened. */
export function CaptureSettings({ workspace }: { readonly workspace: SettingsFragment }) {
  const { problem, isChanging, save } = useSettingsChange()
  const saveFields = (fields: FormData) => {
    const country = String(fields.get('defaultCountry') ?? '')
      .trim()
      .toUpperCase()
    void save({
      mergePolicy: fields.get('mergePolicy') === 'FILL_EMPTY' ? 'FILL_EMPTY' : 'OVERWRITE',
      privateReceipts: fields.has('privateReceipts'),
      proofOfWork: fields.has('proofOfWork'),
      defaultCountry: country === '' ? null : country,
    })
  }
  return (
    <SettingsCard title="Captures" problem={problem} isChanging={isChanging} onSave={saveFields}>
      <Field
        label="A known lead sends other values"
        hint="Values that you or a verified source wrote are kept either way."
      >
        {(control) => (
          <select {...control} name="mergePolicy" defaultValue={workspace.mergePolicy}>
            <option value="OVERWRITE">they replace the stored ones</option>
            <option value="FILL_EMPTY">they only fill empty fields</option>
          </select>
        )}
      </Field>
      <Switch name="privateReceipts" label="Private receipts" isOn={workspace.privateReceipts}>
        Responses to visitors do not show whether an e-mail is known.
      </Switch>
      <Switch name="proofOfWork" label="Proof of work" isOn={workspace.proofOfWork}>
        Captures without a key are held unless the browser has done a small calculation.
      </Switch>
      <TextField
        label="Country of phone numbers"
        name="defaultCountry"
        defaultValue={workspace.defaultCountry ?? ''}
        maxLength={2}
        placeholder="DE"
        hint="Numbers without + that sources send are read as numbers of this country."
      />
    </SettingsCard>
  )
}

import type { SettingsFragment, SettingsQuery } from '../../../../generated/graphql/graphql.ts'
import { TextField } from '../../parts/controls/field.tsx'
import { SecretValue } from '../../parts/controls/secret-value.tsx'
import { SettingsCard } from './settings-card.tsx'
import { useSettingsChange } from './use-settings-change.ts'

interface GeneralSettingsProps {
  readonly workspace: SettingsFragment
  readonly storage: SettingsQuery['workspace']['captureStorage']
}

const megabyte = 1_000_000

/** Name, capture URL and storage. */
export function GeneralSettings({ workspace, storage }: GeneralSettingsProps) {
  const { problem, isChanging, save } = useSettingsChange()
  return (
    <SettingsCard
      title="General"
      problem={problem}
      isChanging={isChanging}
      onSave={(fields) => void save({ name: String(fields.get('name') ?? '') })}
    >
      <TextField label="Name" name="name" defaultValue={workspace.name} required maxLength={200} />
      <div className="field">
        <span>Capture URL</span>
        <SecretValue label="Capture URL" value={workspace.captureUrl} />
      </div>
      <p className="soft">
        {`Anonymous captures store ${megabytesText(storage.bytes)}`}
        {storage.maxBytes === null ? '; there is no limit.' : ` of ${megabytesText(storage.maxBytes)}.`}
      </p>
    </SettingsCard>
  )
}

function megabytesText(bytes: number): string {
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(bytes / megabyte)} MB`
}

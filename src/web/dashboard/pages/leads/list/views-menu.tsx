import { Bookmark, Columns3 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../../../parts/controls/button.tsx'
import { TextField } from '../../../parts/controls/field.tsx'
import { Menu, MenuCheck, MenuItem } from '../../../parts/controls/menu.tsx'
import { Dialog } from '../../../parts/messages/dialog.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { navigate } from '../../../routing/fragment-location.ts'
import { choosable } from './lead-columns.tsx'
import { useStoredValue } from './stored-value.ts'

/** Filters under a name, as the query of an address. */
interface View {
  readonly name: string
  readonly query: string
}

const maxViews = 30

/** Views of this browser: saved filters. */
export function ViewsMenu({ query }: { readonly query: string }) {
  const [views, setViews] = useStoredValue('rex:lead-views', parseViews)
  const [isSaving, setSaving] = useState(false)
  const current = views.find((view) => view.query === query)
  const save = (name: string) => {
    setViews([...views.filter((view) => view.name !== name), { name, query }].slice(-maxViews))
    setSaving(false)
  }
  return (
    <>
      <Menu
        trigger={
          <Button>
            <Bookmark size={16} aria-hidden />
            {current ? <Untrusted text={current.name} /> : 'Views'}
          </Button>
        }
      >
        <MenuItem onSelect={() => navigate('/leads')}>All leads</MenuItem>
        {views.map((view) => (
          <MenuItem key={view.name} onSelect={() => navigate(`/leads${view.query}`)}>
            <Untrusted text={view.name} />
          </MenuItem>
        ))}
        {current === undefined && query !== '' && (
          <MenuItem onSelect={() => setSaving(true)}>Save these filters …</MenuItem>
        )}
        {current && (
          <MenuItem isDangerous onSelect={() => setViews(views.filter((view) => view !== current))}>
            Delete this view
          </MenuItem>
        )}
      </Menu>
      {isSaving && <SaveView onSave={save} onClose={() => setSaving(false)} />}
    </>
  )
}

interface SaveViewProps {
  readonly onSave: (name: string) => void
  readonly onClose: () => void
}

function SaveView({ onSave, onClose }: SaveViewProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    onSave(String(new FormData(event.currentTarget).get('name')).trim())
  }
  return (
    <Dialog title="Save these filters" onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <TextField label="Name" name="name" required maxLength={60} hint="Kept in this browser." />
        <div className="dialog-actions">
          <Button look="primary" type="submit">
            Save the view
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

interface ColumnsMenuProps {
  readonly chosen: readonly string[]
  readonly onChange: (ids: readonly string[]) => void
}

/** Columns to show. */
export function ColumnsMenu({ chosen, onChange }: ColumnsMenuProps) {
  return (
    <Menu
      trigger={
        <Button>
          <Columns3 size={16} aria-hidden />
          Columns
        </Button>
      }
    >
      {choosable.map(({ id, name }) => (
        <MenuCheck
          key={id}
          isOn={chosen.includes(id)}
          onChange={(isOn) => onChange(isOn ? [...chosen, id] : chosen.filter((each) => each !== id))}
        >
          {name}
        </MenuCheck>
      ))}
    </Menu>
  )
}

function parseViews(stored: unknown): readonly View[] {
  return Array.isArray(stored) ? stored.filter(isView) : []
}

function isView(value: unknown): value is View {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('query' in value)) return false
  return typeof value.name === 'string' && typeof value.query === 'string'
}

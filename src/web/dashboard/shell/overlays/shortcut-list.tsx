import { Dialog } from '../../parts/messages/dialog.tsx'
import { pages } from '../../routing/pages.ts'
import './shortcut-list.css'

const general: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'Search and commands'],
  ['t', 'Send a test lead'],
  ['?', 'These shortcuts'],
  ['Esc', 'Close'],
]

const ofLeads: readonly (readonly [string, string])[] = [
  ['j k', 'Leads: next, previous'],
  ['Enter', 'Leads: open'],
  ['x', 'Leads: select'],
  ['/', 'Leads: search'],
  ['Esc', 'Leads: back'],
]

/** Overview of the shortcuts. */
export function ShortcutList({ onClose }: { readonly onClose: () => void }) {
  const ofPages = pages.map(({ key, name }): [string, string] => [`g ${key}`, `Go to ${name}`])
  const rows = [...general, ...ofLeads, ...ofPages]
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="shortcuts">
        {rows.map(([keys, name]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <kbd>{keys}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}

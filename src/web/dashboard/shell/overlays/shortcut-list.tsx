import { Dialog } from '../../parts/messages/dialog.tsx'
import { pages } from '../../routing/pages.ts'
import './shortcut-list.css'

const general: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'Search and commands'],
  ['t', 'Send a test lead'],
  ['?', 'These shortcuts'],
  ['Esc', 'Close'],
]

/** Overview of the shortcuts. */
export function ShortcutList({ onClose }: { readonly onClose: () => void }) {
  const rows = [...general, ...pages.map(({ key, name }): [string, string] => [`g ${key}`, `Go to ${name}`])]
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="shortcuts">
        {rows.map(([keys, name]) => (
          <div key={keys}>
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

import { CircleUser } from 'lucide-react'
import { useSignedIn } from '../connection/signed-in.tsx'
import { useStore } from '../connection/store.ts'
import { Button } from '../parts/controls/button.tsx'
import { Menu, MenuItem } from '../parts/controls/menu.tsx'
import { chooseTheme, type Theme, theme } from './theme-choice.ts'

const themes: readonly { readonly value: Theme; readonly name: string }[] = [
  { value: 'system', name: 'Theme of the system' },
  { value: 'light', name: 'Light theme' },
  { value: 'dark', name: 'Dark theme' },
]

/** Menu of who is signed in: theme, shortcuts, sign out. */
export function AccountMenu({ onShortcuts }: { readonly onShortcuts: () => void }) {
  const { viewer, signOut } = useSignedIn()
  const chosen = useStore(theme)
  const trigger = (
    <Button look="quiet" aria-label={`Account: ${viewer.name}`}>
      <CircleUser size={18} aria-hidden />
    </Button>
  )
  return (
    <Menu trigger={trigger}>
      <p className="menu-head">
        <bdi>{viewer.name}</bdi>
      </p>
      {themes.map(({ value, name }) => (
        <MenuItem key={value} onSelect={() => chooseTheme(value)}>
          <span className="menu-mark" aria-hidden>
            {value === chosen ? '✓' : ''}
          </span>
          {name}
        </MenuItem>
      ))}
      <MenuItem onSelect={onShortcuts}>
        <span className="menu-mark" aria-hidden>
          ?
        </span>
        Keyboard shortcuts
      </MenuItem>
      <MenuItem onSelect={() => signOut()}>
        <span className="menu-mark" />
        Sign out
      </MenuItem>
    </Menu>
  )
}

import { Command } from 'cmdk'
import { useEffect, useRef } from 'react'
import { useSignedIn } from '../../connection/signed-in.tsx'
import { navigate } from '../../routing/fragment-location.ts'
import { pages } from '../../routing/pages.ts'
import type { Overlay } from '../overlay.ts'
import { chooseTheme } from '../theme-choice.ts'
import './palette.css'

interface PaletteProps {
  readonly onClose: () => void
  readonly open: (overlay: Overlay) => void
}

/** Finds pages and commands by their names. */
export function Palette({ onClose, open }: PaletteProps) {
  const node = useRef<HTMLDialogElement>(null)
  const { signOut } = useSignedIn()
  useEffect(() => node.current?.showModal(), [])
  const then = (work: () => void) => () => {
    onClose()
    work()
  }
  return (
    <dialog
      ref={node}
      className="palette"
      aria-label="Search and commands"
      onClose={onClose}
      onPointerDown={closeOnVeil}
    >
      <Command label="Search and commands" loop>
        <Command.Input placeholder="Search or go to …" autoFocus />
        <Command.List>
          <Command.Empty>Nothing found.</Command.Empty>
          <Command.Group heading="Pages">
            {pages.map(({ path, name, icon: Icon, key }) => (
              <Command.Item key={path} onSelect={then(() => navigate(path))}>
                <Icon size={16} aria-hidden />
                {name}
                <kbd>g {key}</kbd>
              </Command.Item>
            ))}
          </Command.Group>
          <Command.Group heading="Commands">
            <Command.Item onSelect={() => open('test-lead')}>Send a test lead</Command.Item>
            <Command.Item onSelect={() => open('shortcuts')}>Keyboard shortcuts</Command.Item>
            <Command.Item onSelect={then(() => chooseTheme('light'))}>Light theme</Command.Item>
            <Command.Item onSelect={then(() => chooseTheme('dark'))}>Dark theme</Command.Item>
            <Command.Item onSelect={then(() => chooseTheme('system'))}>Theme of the system</Command.Item>
            <Command.Item onSelect={() => signOut()}>Sign out</Command.Item>
          </Command.Group>
        </Command.List>
      </Command>
    </dialog>
  )
  function closeOnVeil({ target }: { target: EventTarget }) {
    if (target === node.current) onClose()
  }
}

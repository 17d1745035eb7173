import * as DropdownMenu from '@radix-ui/react-dropdown-menu'
import type { ReactElement, ReactNode } from 'react'
import './menu.css'

interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactElement
  readonly children: ReactNode
}

/** Menu at a button, for mouse and keyboard. */
export function Menu({ trigger, children }: MenuProps) {
  // A modal menu would add a `<style>`, which the policy refuses.
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

interface MenuItemProps {
  readonly onSelect: () => void
  readonly isDangerous?: boolean
  readonly children: ReactNode
}

export function MenuItem({ onSelect, isDangerous = false, children }: MenuItemProps) {
  return (
    <DropdownMenu.Item className="menu-item" data-danger={isDangerous} onSelect={onSelect}>
      {children}
    </DropdownMenu.Item>
  )
}

import * as DropdownMenu from '@radix-ui/react-dropdown-menu'
import { Check } from 'lucide-react'
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

interface MenuCheckProps {
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
  readonly children: ReactNode
}

/** An entry that is on or off; the menu stays open. */
export function MenuCheck({ isOn, onChange, children }: MenuCheckProps) {
  return (
    <DropdownMenu.CheckboxItem
      className="menu-item"
      checked={isOn}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
    >
      <Check size={14} aria-hidden visibility={isOn ? 'visible' : 'hidden'} />
      {children}
    </DropdownMenu.CheckboxItem>
  )
}

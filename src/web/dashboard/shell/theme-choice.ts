import { createStore } from '../connection/store.ts'

export type Theme = 'system' | 'light' | 'dark'

const name = 'rex:theme'

/** The theme that the user chose for this browser. */
export const theme = createStore<Theme>(parseTheme(localStorage.getItem(name)))

/** Applies a theme, and keeps it. */
export function chooseTheme(chosen: Theme): void {
  localStorage.setItem(name, chosen)
  theme.set(chosen)
  applyTheme()
}

/** Sets the theme on the page: without an attribute the system decides. */
export function applyTheme(): void {
  const { dataset } = document.documentElement
  if (theme.get() === 'system') delete dataset['theme']
  else dataset['theme'] = theme.get()
}

function parseTheme(text: string | null): Theme {
  return text === 'light' || text === 'dark' ? text : 'system'
}

const name = 'rex:key'

/** Returns the key of this tab. It ends with the tab, and is never in a URL, a cookie or the page. */
export function loadKey(): string | null {
  return sessionStorage.getItem(name)
}

export function saveKey(key: string): void {
  sessionStorage.setItem(name, key)
}

export function clearKey(): void {
  sessionStorage.removeItem(name)
}

const name = 'rex:key'

/** The key of this tab: it is gone with the tab, and never in an address, a cookie or the page. */
export function keptKey(): string | null {
  return sessionStorage.getItem(name)
}

export function keepKey(key: string): void {
  sessionStorage.setItem(name, key)
}

export function forgetKey(): void {
  sessionStorage.removeItem(name)
}

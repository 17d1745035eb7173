/** Texts by name. */
export type TextStorage = Record<string, string>

/** Opens the page's storage, or an object in memory if the browser denies it (private modes, sandboxed frames). */
export function openStorage(name: 'localStorage' | 'sessionStorage'): TextStorage {
  try {
    const storage = window[name]
    storage.rexProbe = ''
    delete storage.rexProbe
    return storage
  } catch {
    return {}
  }
}

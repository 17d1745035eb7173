/** Texts by name. */
export type Box = Record<string, string>

/** The page's storage; where the browser denies it (private modes, sandboxed frames), what lasts as long as the page. */
export function openBox(name: 'localStorage' | 'sessionStorage'): Box {
  try {
    const box = window[name]
    box.rexProbe = ''
    delete box.rexProbe
    return box
  } catch {
    return {}
  }
}

import { createApi } from './api.ts'
import { element } from './element.ts'
import { openDashboard } from './frame.ts'
import { Refusal } from './refusal.ts'
import { forgetKey, keepKey, keptKey } from './session.ts'
import { signInForm } from './sign-in.ts'

const place = document.getElementById('dashboard')
const newcomer = document.getElementById('newcomer')

function showSignIn(word = ''): void {
  document.body.classList.remove('signed-in')
  newcomer?.toggleAttribute('hidden', false)
  place?.replaceChildren(signInForm(word, (key) => void signIn(key)))
}

/** Finds out what the key may, and opens the dashboard for as long as it is taken. */
async function signIn(key: string): Promise<void> {
  const session = new AbortController()
  const { signal } = session
  const notice = element('p', { class: 'notice', role: 'status' })
  const signOut = (word?: string) => {
    if (signal.aborted) return
    session.abort()
    forgetKey()
    showSignIn(word)
  }
  const onUnauthenticated = () => signOut('This key is not known here, or no longer.')
  const tell = (word: string) => notice.replaceChildren(word)
  const api = createApi({ key, signal, tell, onUnauthenticated })
  place?.replaceChildren(notice)
  tell('Signing in …')
  try {
    const { viewer } = await api.ask('Viewer', {})
    keepKey(key)
    tell('')
    newcomer?.toggleAttribute('hidden', true)
    document.body.classList.add('signed-in')
    const frame = await openDashboard({ key, api, viewer, signal, signOut, onUnauthenticated })
    place?.replaceChildren(notice, frame)
  } catch (error) {
    signOut(error instanceof Refusal ? error.message : 'Something went wrong.')
  }
}

const key = keptKey()
if (key === null) showSignIn()
else void signIn(key)

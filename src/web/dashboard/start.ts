import { createApi } from './api.ts'
import { element } from './element.ts'
import { Refusal } from './refusal.ts'
import { clearKey, loadKey, saveKey } from './session.ts'
import { openDashboard } from './shell.ts'
import { signInForm } from './sign-in.ts'

const place = document.getElementById('dashboard')
const introduction = document.getElementById('newcomer')

function showSignIn(word = ''): void {
  document.body.classList.remove('signed-in')
  introduction?.toggleAttribute('hidden', false)
  place?.replaceChildren(signInForm(word, (key) => void signIn(key)))
}

/** Reads the scopes of the key, and opens the dashboard until the key is no longer valid. */
async function signIn(key: string): Promise<void> {
  const session = new AbortController()
  const { signal } = session
  const notice = element('p', { class: 'notice', role: 'status' })
  const signOut = (word?: string) => {
    if (signal.aborted) return
    session.abort()
    clearKey()
    showSignIn(word)
  }
  const onUnauthenticated = () => signOut('This API key is not valid, or no longer valid.')
  const showMessage = (word: string) => notice.replaceChildren(word)
  const api = createApi({ key, signal, showMessage, onUnauthenticated })
  place?.replaceChildren(notice)
  showMessage('Signing in …')
  try {
    const { viewer } = await api.query('Viewer', {})
    saveKey(key)
    showMessage('')
    introduction?.toggleAttribute('hidden', true)
    document.body.classList.add('signed-in')
    const frame = await openDashboard({ key, api, viewer, signal, signOut, onUnauthenticated })
    place?.replaceChildren(notice, frame)
  } catch (error) {
    signOut(error instanceof Refusal ? error.message : 'Something went wrong.')
  }
}

const key = loadKey()
if (key === null) showSignIn()
else void signIn(key)

import { useEffect } from 'react'
import { Provider } from 'urql'
import { SignedInContext } from './connection/signed-in.tsx'
import { Shell } from './shell/shell.tsx'
import { SignInPage } from './sign-in/sign-in-page.tsx'
import { useSession } from './sign-in/use-session.ts'

/** Shows the dashboard to who is signed in, else the sign-in with the introduction of the server below it. */
export function App() {
  const { state, signIn } = useSession()
  const isSignedIn = state.kind === 'signed-in'
  useEffect(() => {
    document.getElementById('newcomer')?.toggleAttribute('hidden', isSignedIn)
  }, [isSignedIn])
  if (!isSignedIn) return <SignInPage state={state} signIn={signIn} />
  return (
    <SignedInContext value={state.signedIn}>
      <Provider value={state.signedIn.connection.client}>
        <Shell />
      </Provider>
    </SignedInContext>
  )
}

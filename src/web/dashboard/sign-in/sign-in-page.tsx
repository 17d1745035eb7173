import { type FormEvent, useEffect, useState } from 'react'
import { useLocation, useRoute } from 'wouter'
import { redeemToken, type Session } from '../connection/session.ts'
import { useStore } from '../connection/store.ts'
import logo from '../logo.svg'
import { Button } from '../parts/controls/button.tsx'
import { TextField } from '../parts/controls/field.tsx'
import type { SessionState } from './use-session.ts'
import './sign-in-page.css'

interface SignInProps {
  readonly state: Exclude<SessionState, { kind: 'signed-in' }>
  readonly signIn: (session: Session) => void
}

/** Sign-in by an API key, or by the token of a link: `#/sign-in/TOKEN`. */
export function SignInPage({ state, signIn }: SignInProps) {
  const refusal = useLinkToken(signIn)
  return (
    <main className="sign-in">
      <img src={logo} alt="" width="48" height="48" />
      <h1>Sign in to Rex</h1>
      {state.kind === 'signing-in' ? (
        <SigningIn notice={state.notice} />
      ) : (
        <KeyForm message={state.message || refusal} signIn={signIn} />
      )}
    </main>
  )
}

function SigningIn({ notice }: Pick<Extract<SessionState, { kind: 'signing-in' }>, 'notice'>) {
  return (
    <p className="soft" role="status">
      {useStore(notice) || 'Signing in …'}
    </p>
  )
}

function KeyForm({ message, signIn }: { readonly message: string; readonly signIn: SignInProps['signIn'] }) {
  const [key, setKey] = useState('')
  const [problem, setProblem] = useState<string>()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setKey('')
    // A header cannot contain other characters.
    if (/^[\x21-\x7e]+$/.test(key.trim())) signIn({ kind: 'key', key: key.trim() })
    else setProblem('This is not a valid API key.')
  }
  return (
    <form className="sign-in-form" onSubmit={submit}>
      <TextField
        label="API key"
        type="password"
        autoComplete="off"
        spellCheck={false}
        required
        hint="Rex printed the key at its first start. It is stored for this tab only."
        problem={problem ?? (message || undefined)}
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      <Button type="submit" look="primary">
        Sign in
      </Button>
    </form>
  )
}

/** Signs in with the token of the address, which works once. Returns the reason if it is refused. */
function useLinkToken(signIn: SignInProps['signIn']): string {
  const [, parameters] = useRoute('/sign-in/:token')
  const [, navigate] = useLocation()
  const [refusal, setRefusal] = useState('')
  const token = parameters?.token
  useEffect(() => {
    if (token === undefined) return
    // Out of the address at once: it must stand in no history.
    navigate('/', { replace: true })
    void redeemToken(token).then((reason) => {
      if (reason === undefined) signIn({ kind: 'cookie' })
      else setRefusal(reason)
    })
  }, [token, navigate, signIn])
  return refusal
}

import { useCallback, useEffect, useRef, useState } from 'react'
import { NewestEventDocument, type Scope, ViewerDocument } from '../../../generated/graphql/graphql.ts'
import { type Connection, openConnection } from '../connection/client.ts'
import { startLive } from '../connection/live.ts'
import { problemOf } from '../connection/problem.ts'
import { endSession, loadSession, type Session, saveSession } from '../connection/session.ts'
import type { SignedIn } from '../connection/signed-in.tsx'
import type { Store } from '../connection/store.ts'

export type SessionState =
  | { readonly kind: 'signed-out'; readonly message: string }
  | { readonly kind: 'signing-in'; readonly notice: Store<string> }
  | { readonly kind: 'signed-in'; readonly signedIn: SignedIn }

const invalid = 'This API key is not valid, or no longer valid.'
const ended = 'Your session has ended. Sign in again.'

/** Holds the session of the page, from its sign-in until it is no longer valid. */
export function useSession(): { readonly state: SessionState; signIn(session: Session): void } {
  const [state, setState] = useState<SessionState>({ kind: 'signed-out', message: '' })
  const connection = useRef<Connection>(undefined)
  const signIn = useCallback((session: Session) => {
    const signOut = (message = '') => {
      if (connection.current !== opened) return
      connection.current = undefined
      opened.close()
      void endSession(session)
      setState({ kind: 'signed-out', message })
    }
    const opened = openConnection(session, () => signOut(session.kind === 'key' ? invalid : ended))
    connection.current?.close()
    connection.current = opened
    setState({ kind: 'signing-in', notice: opened.notice })
    void openSignedIn(opened, session, signOut).then((next) => {
      if (connection.current === opened && next) setState(next)
    })
  }, [])
  useEffect(() => {
    const session = loadSession()
    if (session !== undefined) signIn(session)
    return () => connection.current?.close()
  }, [signIn])
  return { state, signIn }
}

/** Reads who signs in, and the cursor before any data, so that no event in between is missed. */
async function openSignedIn(
  connection: Connection,
  session: Session,
  signOut: SignedIn['signOut'],
): Promise<SessionState | undefined> {
  const { client, feed } = connection
  const { data, error } = await client.query(ViewerDocument, {})
  if (!data) {
    signOut(error ? problemOf(error).message : undefined)
    return undefined
  }
  const { viewer } = data
  saveSession(session)
  const may = (scope: Scope) => viewer.scopes.includes(scope) || viewer.scopes.includes('ADMIN')
  const newest = may('EVENTS_READ') ? await client.query(NewestEventDocument, {}) : undefined
  startLive(client, { feed, may, cursor: newest?.data?.events.nodes[0]?.cursor })
  return { kind: 'signed-in', signedIn: { viewer, connection, may, signOut } }
}

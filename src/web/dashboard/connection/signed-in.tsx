import { createContext, use, useEffect, useEffectEvent } from 'react'
import type { Scope, ViewerQuery } from '../../../generated/graphql/graphql.ts'
import type { Connection } from './client.ts'
import type { Emitter } from './emitter.ts'
import { useStore } from './store.ts'
import type { LiveState } from './stream.ts'

/** The signed-in user's session, for all pages. */
export interface SignedIn {
  readonly viewer: ViewerQuery['viewer']
  readonly connection: Connection
  may(scope: Scope): boolean
  signOut(message?: string): void
}

export const SignedInContext = createContext<SignedIn | undefined>(undefined)

/** Returns the session of the signed-in user. */
export function useSignedIn(): SignedIn {
  const signedIn = use(SignedInContext)
  if (signedIn === undefined) throw new Error('This component needs a session.')
  return signedIn
}

/** Returns whether the viewer has a scope. */
export function useMay(scope: Scope): boolean {
  return useSignedIn().may(scope)
}

export function useLiveState(): LiveState {
  return useStore(useSignedIn().connection.feed.state)
}

type Feeds = Connection['feed']
type Message<Name> = Name extends keyof Feeds ? (Feeds[Name] extends Emitter<infer Value> ? Value : never) : never

/** Calls the handler for each live update: `events`, `gaps`, `deliveries` or `deliveryGaps`. */
export function useLive<Name extends 'events' | 'gaps' | 'deliveries' | 'deliveryGaps'>(
  name: Name,
  handler: (message: Message<Name>) => void,
): void {
  const { feed } = useSignedIn().connection
  const handle = useEffectEvent(handler)
  useEffect(() => feed[name].on((message: unknown) => handle(parseMessage<Name>(message))), [feed, name])
}

/** The name says of what type the messages of its emitter are; TypeScript cannot follow it through the union. */
function parseMessage<Name>(message: unknown): Message<Name> {
  return message as Message<Name>
}

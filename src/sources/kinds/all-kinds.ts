import type { SourceKind } from '../../generated/prisma/enums.ts'
import type { Payload } from '../payload.ts'
import { adKinds } from './ads/ad-kinds.ts'
import { customerDataKinds } from './automation/customer-data-kinds.ts'
import { chatKinds } from './chat/chat-kinds.ts'
import { formKinds } from './forms/form-kinds.ts'
import type { Kind } from './kind.ts'
import { pageKinds } from './pages/page-kinds.ts'
import { peopleKinds } from './people/people-kinds.ts'
import { senderKinds } from './sender-kinds.ts'
import { wordpressKinds } from './wordpress/wordpress-kinds.ts'

/** Every kind, in the order in which a payload's shape is looked up: shapes first, then headers alone. */
export const allKinds: readonly Kind[] = [
  ...peopleKinds,
  ...adKinds,
  ...chatKinds,
  ...customerDataKinds,
  ...formKinds,
  ...pageKinds,
  ...wordpressKinds,
  ...senderKinds,
]

const kindsByName: ReadonlyMap<SourceKind, Kind> = new Map(allKinds.map((kind) => [kind.name, kind]))

/** Returns the kind of that name; undefined for GENERIC. */
export function kindOf(name: SourceKind): Kind | undefined {
  return kindsByName.get(name)
}

/** Returns the kind whose shape a payload has, whatever the source's kind is. */
export function recognizeKind(payload: Payload): Kind | undefined {
  return allKinds.find((kind) => kind.recognizes(payload))
}

import type { SourceKind } from '../../generated/prisma/enums.ts'
import type { Payload } from '../payload.ts'
import { formKinds, senderKinds } from './form-kinds.ts'
import type { Kind } from './kind.ts'
import { peopleKinds } from './people-kinds.ts'

/** Every kind, in the order in which a payload's shape is looked up: shapes first, then headers alone. */
export const allKinds: readonly Kind[] = [...peopleKinds, ...formKinds, ...senderKinds]

const kindsByName: ReadonlyMap<SourceKind, Kind> = new Map(allKinds.map((kind) => [kind.name, kind]))

/** Returns the kind of that name; undefined for GENERIC. */
export function kindOf(name: SourceKind): Kind | undefined {
  return kindsByName.get(name)
}

/** Returns the kind whose shape a payload has, whatever the source's kind is. */
export function recognizeKind(payload: Payload): Kind | undefined {
  return allKinds.find((kind) => kind.recognizes(payload))
}

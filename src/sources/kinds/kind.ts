import type { SourceKind } from '../../generated/prisma/enums.ts'
import type { Headers, JsonValue, Payload } from '../payload.ts'

/** Field of a contact that a tool itself assigns to an answer. `metadata`: never a guess at a person's field. */
export type AnswerField = 'email' | 'first_name' | 'last_name' | 'full_name' | 'phone' | 'company' | 'metadata'

/** Answer of a person to a question of a form, or a key and its value. */
export interface Answer {
  /** Path of the value in the payload, as a mapping writes it: `form_response.answers[0].email`. */
  readonly path: string
  /** Question as the tool shows it, or the key. It becomes the metadata key unless an alias or `field` names a field. */
  readonly label: string
  /** Value with ids of options already replaced by their labels. */
  readonly value: JsonValue
  /** Assignment by the tool itself (a preset). Undefined: guessed from the label by `read/names.ts`. */
  readonly field?: AnswerField
}

/** Result of reading a payload by its kind. */
export type KindReading =
  | {
      /** `test`: the tool says that this lead is a test. `needs_fetch`: the payload has only ids, no answers. */
      readonly outcome: 'lead' | 'test' | 'needs_fetch'
      /** Everything that the person said, and the tool's tracking values. No host, organiser or form owner. */
      readonly answers: readonly Answer[]
      /** Name of the event, if it is a lead only with the address of a person: without one it is ignored. */
      readonly ignoredWithoutAddress?: string
    }
  /** The event is no lead, such as a cancellation. */
  | { readonly outcome: 'ignored'; readonly event: string }

/** Raw request whose signature is verified. */
export interface SignedRequest {
  readonly bytes: Uint8Array
  readonly headers: Headers
  /** Decoded body; undefined when it cannot be decoded. */
  readonly body: JsonValue | undefined
  readonly now: Date
}

/** How a tool signs its requests with the secret of the source. */
export interface Verification {
  /** Returns whether the request carries this secret's signature. It compares in constant time and never throws. */
  verify(request: SignedRequest, secret: string): boolean
}

/** Request of a tool that checks whether the URL is the user's. */
export interface HandshakeRequest {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly query: URLSearchParams
  /** Body of a POST; undefined for the others. */
  readonly body: JsonValue | undefined
  /** Secrets of the source that are valid now; empty when it has none. */
  readonly secrets: readonly string[]
}

export interface HandshakeResponse {
  readonly status: 200 | 403
  readonly type: 'text/plain' | 'application/json'
  readonly body: string
}

/** A tool that sends leads: its payloads, signatures and documentation. One file each; `all-kinds.ts` lists them. */
export interface Kind {
  readonly name: SourceKind
  /** Name of the product, such as `Cal.com`. */
  readonly title: string
  /** Returns whether a payload has this tool's shape. It must not match other tools or a plain form. */
  recognizes(payload: Payload): boolean
  /**
   * Returns whether a payload names an event of this tool, although its shape is not complete. Only asked in a source of
   * this kind: elsewhere `type=profile` may be a field of a form.
   */
  namesEvent?(payload: Payload): boolean
  /** Reads a payload that `recognizes` or `namesEvent` accepts. It never throws, whatever types the values have. */
  read(payload: Payload): KindReading
  /** Returns the tool's id of this submission, which its retries repeat. */
  repeatId?(payload: Payload): string | undefined
  readonly verification?: Verification
  /** Answers a handshake; undefined: this request is none. */
  handshake?(request: HandshakeRequest): HandshakeResponse | undefined
  /** Names of keys that hold a secret, at any level, and are never stored. */
  readonly secretKeys?: readonly string[]
  /** Three steps of a user in the tool, in Markdown: where the URL is entered. */
  readonly setup: readonly [string, string, string]
  /** Events that become leads, and that are ignored, as a sentence for the documentation. Undefined: every request. */
  readonly events?: string
  /** `shape`: tested with a payload of the tool's published shape. `recollection`: the shape is from memory. */
  readonly evidence: 'shape' | 'recollection'
}

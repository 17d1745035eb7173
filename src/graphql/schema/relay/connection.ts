import type { ObjectRef } from '@pothos/core'
import { GraphQLError } from 'graphql'
import type { CursorKey, CursorScope, Cursors } from '../../../events/cursor.ts'
import type { Context } from '../../execution/context.ts'
import { refusal } from '../../execution/errors.ts'
import { builder } from '../builder.ts'

const defaultSize = 20
const maxSize = 100

/** One page of a list, as the connection types return it. */
export interface Page<Row> {
  readonly nodes: readonly Row[]
  readonly edges: readonly Edge<Row>[]
  readonly pageInfo: PageInfo
}

interface Edge<Row> {
  readonly cursor: string
  readonly node: Row
}

interface PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor: string | null
  readonly endCursor: string | null
}

/** Edge whose cursor is encrypted only when it is read: most callers select no cursor of an edge. */
class LazyEdge<Row> implements Edge<Row> {
  readonly node: Row
  readonly #encode: (row: Row) => string

  constructor(node: Row, encode: (row: Row) => string) {
    this.node = node
    this.#encode = encode
  }

  get cursor(): string {
    return this.#encode(this.node)
  }
}

export interface PageArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

/** The requested slice of a list: strictly between two keys, from its start or from its end. */
export interface Slice {
  readonly size: number
  readonly fromEnd: boolean
  readonly after: CursorKey | undefined
  readonly before: CursorKey | undefined
}

export const pageArgs = builder.args((t) => ({
  first: t.int({ required: false }),
  after: t.string({ required: false }),
  last: t.int({ required: false }),
  before: t.string({ required: false }),
}))

/** Returns the complexity of a page: the cost of the selection per row; a list without a size has the default size. */
export function pageComplexity({ first, last }: PageArgs): { field: number; multiplier: number } {
  const size = first ?? last ?? defaultSize
  return { field: 5, multiplier: Math.min(Math.max(size, 1), maxSize) }
}

/** A list of the viewer's workspace, with the codec of its cursors. */
export interface CursorList extends CursorScope {
  readonly cursors: Cursors
}

export function cursorList({ cursors, viewer: { workspaceId } }: Context, list: string): CursorList {
  return { cursors, workspaceId, list }
}

/** @throws BAD_USER_INPUT, INVALID_CURSOR */
export function readSlice(args: PageArgs, scope: CursorList): Slice {
  const size = readSize(args)
  if (size instanceof GraphQLError) throw size
  const { last, after, before } = args
  return { size, fromEnd: last != null, after: readCursor(after, scope), before: readCursor(before, scope) }
}

/** Returns the number of rows that a page may have, or why the arguments are refused. */
export function readSize({ first, last }: PageArgs): number | GraphQLError {
  if (first != null && last != null) return refusal('BAD_USER_INPUT', 'Pass either first or last, not both.')
  const size = first ?? last ?? defaultSize
  if (size >= 0 && size <= maxSize) return size
  return refusal('BAD_USER_INPUT', `first and last must be from 0 to ${maxSize}.`)
}

function readCursor(cursor: string | null | undefined, scope: CursorList): CursorKey | undefined {
  if (cursor == null) return undefined
  const key = scope.cursors.decode(scope, cursor)
  if (key === undefined) throw refusal('INVALID_CURSOR', 'This cursor does not belong to this list.')
  return key
}

/**
 * Builds the page of a slice from its rows. `rows` has one row more than the size if another page follows, and is in
 * reverse order if the slice is from the end. With `resume` the list continues after that key, although the page is not
 * full.
 */
export function pageOf<Row>(
  rows: readonly Row[],
  slice: Slice,
  scope: CursorList,
  keyOf: (row: Row) => CursorKey,
  resume?: CursorKey,
): Page<Row> {
  const { size, fromEnd } = slice
  const nodes = rows.slice(0, size)
  if (fromEnd) nodes.reverse()
  const codec = { encode: (key: CursorKey) => scope.cursors.encode(scope, key), keyOf }
  return new RowPage(nodes, slice, codec, rows.length > size || resume !== undefined, resume)
}

interface CursorCodec<Row> {
  encode(key: CursorKey): string
  keyOf(row: Row): CursorKey
}

/** A page whose edges and information are made when they are read: many lists are nested, and select only nodes. */
class RowPage<Row> implements Page<Row> {
  readonly nodes: readonly Row[]
  readonly #slice: Slice
  readonly #codec: CursorCodec<Row>
  readonly #hasMore: boolean
  readonly #resume: CursorKey | undefined

  constructor(
    nodes: readonly Row[],
    slice: Slice,
    codec: CursorCodec<Row>,
    hasMore: boolean,
    resume: CursorKey | undefined,
  ) {
    this.nodes = nodes
    this.#slice = slice
    this.#codec = codec
    this.#hasMore = hasMore
    this.#resume = resume
  }

  get edges(): readonly Edge<Row>[] {
    const encode = (row: Row) => this.#codec.encode(this.#codec.keyOf(row))
    return this.nodes.map((node) => new LazyEdge(node, encode))
  }

  get pageInfo(): PageInfo {
    const { fromEnd, after, before } = this.#slice
    const { encode, keyOf } = this.#codec
    const resume = this.#resume
    const cursorOf = (row: Row | undefined) => (row === undefined ? null : encode(keyOf(row)))
    const first = this.nodes.at(0)
    const last = this.nodes.at(-1)
    return {
      hasNextPage: fromEnd ? before !== undefined : this.#hasMore,
      hasPreviousPage: fromEnd ? this.#hasMore : after !== undefined,
      get startCursor() {
        return fromEnd && resume !== undefined ? encode(resume) : cursorOf(first)
      },
      get endCursor() {
        return !fromEnd && resume !== undefined ? encode(resume) : cursorOf(last)
      },
    }
  }
}

/** Paths below a connection's field at which its rows are selected. */
export const nodePaths: string[][] = [['nodes'], ['edges', 'node']]

/** Creates the connection and edge types of a noun. */
export function connectionType(name: string, node: NodeRef) {
  return builder.objectRef<Page<object>>(`${name}Connection`).implement({ fields: (t) => pageFields(t, name, node) })
}

export type NodeRef = ObjectRef<BuilderSchema, object, object>
type BuilderSchema = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never

/** Returns the fields that every connection has. */
export function pageFields<Shown extends Page<object>>(
  t: PothosSchemaTypes.ObjectFieldBuilder<BuilderSchema, Shown>,
  name: string,
  node: NodeRef,
) {
  const edge = builder.objectRef<Edge<object>>(`${name}Edge`).implement({
    fields: (of) => ({
      cursor: of.exposeString('cursor'),
      node: of.field({ type: node, resolve: (shown) => shown.node }),
    }),
  })
  return {
    edges: t.field({ type: [edge], resolve: ({ edges }) => edges }),
    nodes: t.field({ type: [node], resolve: ({ nodes }) => nodes }),
    pageInfo: t.field({ type: builder.pageInfoRef(), resolve: ({ pageInfo }) => pageInfo }),
  }
}

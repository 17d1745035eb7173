import type * as generated from '../../generated/graphql/graphql.ts'

type Generated = typeof generated

/** Name of an operation in the .graphql files of this folder. */
export type DocumentName = keyof Generated extends infer Key
  ? Key extends `${infer Name}Document`
    ? Name
    : never
  : never

interface Typed<Result, Variables> {
  __apiType?: (variables: Variables) => Result
}

type TypeOf<Name extends DocumentName> = Generated[`${Name}Document`]

export type ResultOf<Name extends DocumentName> = TypeOf<Name> extends Typed<infer Result, never> ? Result : never
export type VariablesOf<Name extends DocumentName> =
  TypeOf<Name> extends Typed<unknown, infer Variables extends Record<string, unknown>> ? Variables : never

/** Texts of the operations, generated from the files when the server starts. */
export const documents: Readonly<Record<DocumentName, string>>

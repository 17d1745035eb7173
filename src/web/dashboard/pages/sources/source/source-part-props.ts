import type { SourceDetailsFragment } from '../../../../../generated/graphql/graphql.ts'

/** Properties of the parts that change a source. */
export interface SourcePartProps {
  readonly source: SourceDetailsFragment
  readonly onChanged: () => void
}

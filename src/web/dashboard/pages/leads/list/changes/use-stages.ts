import { type LeadFragment, StagesDocument } from '../../../../../../generated/graphql/graphql.ts'
import { useReading } from '../../../../connection/reading.ts'
import { useMay } from '../../../../connection/signed-in.tsx'

/** Stage of every new lead. */
const firstStage = 'lead'

/** Returns the stages of the workspace; without ADMIN, which reads them, those of the leads. */
export function useStages(leads: readonly Pick<LeadFragment, 'stage'>[]): readonly string[] {
  const { data } = useReading(StagesDocument, {}, { pause: !useMay('ADMIN') })
  if (data) return data.workspace.stages
  return [...new Set([firstStage, ...leads.slice(0, 1000).map(({ stage }) => stage)])]
}

import type { PreviewFragment } from '../../../../../generated/graphql/graphql.ts'
import { Badge } from '../../../parts/surface/badge.tsx'
import { FieldList } from '../../../parts/values/field-list.tsx'
import { Untrusted } from '../../../parts/values/untrusted.tsx'
import { reasonsText } from '../../held/reasons.ts'
import { toolOf, useSourceTools } from '../source-tools.ts'

/** Lead that a payload would become. */
export function PreviewResult({ preview }: { readonly preview: PreviewFragment }) {
  const { status, recognizedKind, email, firstName, lastName, source, metadata } = preview
  const tools = useSourceTools()
  return (
    <section aria-label="Result">
      <h3>Result</h3>
      <p className="payload-line">
        <Badge tone={status === 'ACCEPTED' ? 'good' : 'warn'}>{status.toLowerCase()}</Badge>
        <Untrusted text={reasonsText(preview)} />
      </p>
      {recognizedKind && <p className="soft">It has the shape of {toolOf(tools, recognizedKind).title}.</p>}
      <FieldList
        values={{ 'E-mail': email, 'First name': firstName, 'Last name': lastName, Source: source, metadata }}
      />
    </section>
  )
}

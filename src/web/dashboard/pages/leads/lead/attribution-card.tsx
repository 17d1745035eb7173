import type { TouchFragment } from '../../../../../generated/graphql/graphql.ts'
import { Card } from '../../../parts/surface/card.tsx'
import { RelativeTime } from '../../../parts/values/relative-time.tsx'
import { rowsOf, ValueList } from '../../../parts/values/value-list.tsx'

interface AttributionCardProps {
  readonly first: TouchFragment | null
  readonly last: TouchFragment | null
}

/** Where a lead came from at first, and most recently. */
export function AttributionCard({ first, last }: AttributionCardProps) {
  return (
    <Card title="Attribution">
      {first === null && last === null && <p className="soft">No campaign, referrer or landing page is known.</p>}
      {first && <Touch name="First touch" touch={first} />}
      {last && <Touch name="Last touch" touch={last} />}
    </Card>
  )
}

function Touch({ name, touch }: { readonly name: string; readonly touch: TouchFragment }) {
  const rows = rowsOf({
    source: touch.source,
    medium: touch.medium,
    campaign: touch.campaign,
    term: touch.term,
    content: touch.content,
    'landing page': touch.landingPage,
    referrer: touch.referrer,
  })
  return (
    <>
      <h3 className="lead-part">
        {name}{' '}
        <span className="soft">
          <RelativeTime at={touch.capturedAt} />
        </span>
      </h3>
      <ValueList rows={[...rows, ...rowsOf(touch.clickIds)]} />
    </>
  )
}

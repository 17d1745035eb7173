import type { ReactNode } from 'react'
import { Change, Stat } from '../../parts/data/stat.tsx'
import { Card } from '../../parts/surface/card.tsx'
import { changeText, countText, durationText, percentText } from '../../parts/values/numbers.ts'
import type { HomeStats } from './use-home-stats.ts'

/** Counts of the range with their change, the health of webhooks and the time to the first delivery. */
export function Totals({ stats }: { readonly stats: HomeStats }) {
  const { captures, previousTotals, webhooks, speedToLead } = stats
  return (
    <Card>
      <dl className="totals">
        {captures && previousTotals && <Counts now={captures.totals} before={previousTotals} />}
        {webhooks && (
          <Stat
            name="Webhooks accepted"
            value={webhooks.successRate == null ? '–' : percentText(webhooks.successRate)}
            note={note('p95', webhooks.p95Ms)}
          />
        )}
        {speedToLead && (
          <Stat
            name="Speed to lead"
            value={speedToLead.delivered === 0 || speedToLead.p50Ms == null ? '–' : durationText(speedToLead.p50Ms)}
            note={speedToLead.delivered === 0 ? '' : note('p95', speedToLead.p95Ms)}
          />
        )}
      </dl>
    </Card>
  )
}

type CaptureTotals = NonNullable<HomeStats['previousTotals']>

function Counts({ now, before }: { readonly now: CaptureTotals; readonly before: CaptureTotals }) {
  return (
    <>
      <Stat name="New leads" value={countText(now.created)} note={changeOf(now.created, before.created, true)} />
      <Stat name="Updated" value={countText(now.updated)} note={changeOf(now.updated, before.updated, true)} />
      <Stat name="Held" value={countText(now.held)} note={changeOf(now.held, before.held, false)} />
      <Stat name="Spam" value={countText(now.spam)} note={changeOf(now.spam, before.spam, false)} />
    </>
  )
}

function changeOf(now: number, before: number, isGrowthGood: boolean): ReactNode {
  return <Change text={changeText(now, before)} isGood={now === before || now > before === isGrowthGood} />
}

function note(name: string, ms: number | null | undefined): string {
  return ms == null ? '' : `${name} ${durationText(ms)}`
}

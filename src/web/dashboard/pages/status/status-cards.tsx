import type { ReactNode } from 'react'
import type { NamedFragment, StatusQuery } from '../../../../generated/graphql/graphql.ts'
import { Badge } from '../../parts/surface/badge.tsx'
import { Card } from '../../parts/surface/card.tsx'
import { countText, durationText } from '../../parts/values/numbers.ts'
import './status-cards.css'

type ServerStatus = StatusQuery['serverStatus']

/** The facts of a server in groups. */
export function StatusCards({ status }: { readonly status: ServerStatus }) {
  return (
    <div className="status-cards">
      <Health status={status} />
      <DatabaseFacts status={status} />
      <LogFacts status={status} />
      <DeliveryFacts status={status} />
      <Card title="Storage">
        <Facts facts={largestFirst(status.tableBytes).map(({ name, count }) => [name, megabytesText(count)])} />
      </Card>
    </div>
  )
}

function Health({ status: { problems, version, role } }: { readonly status: ServerStatus }) {
  return (
    <Card title="Server">
      <Facts
        facts={[
          ['State', stateBadge(problems.length === 0, 'ready', 'incomplete')],
          ...problems.map(({ part, message }) => [part, message] as const),
          ['Version', version],
          ['Role', role],
        ]}
      />
    </Card>
  )
}

function DatabaseFacts({ status }: { readonly status: ServerStatus }) {
  const { databaseIsSilent, databaseIsEmbedded, databaseVersion, databaseConnections, databaseReplica, usesRedis } =
    status
  return (
    <Card title="Database">
      <Facts
        facts={[
          ['State', stateBadge(!databaseIsSilent, 'responds', 'silent')],
          ['PostgreSQL', `${databaseVersion ?? 'unknown'}${databaseIsEmbedded ? ', embedded' : ''}`],
          ...databaseConnections.map(({ name, count }) => [`Connections, ${name}`, countText(count)] as const),
          ...(databaseReplica ? [['Replica', replicaState(databaseReplica)] as const] : []),
          ['Redis', usesRedis ? 'used' : 'not used'],
        ]}
      />
    </Card>
  )
}

const replicaProblems: Readonly<Record<string, string>> = {
  away: 'away',
  behind: 'too far behind',
  not_a_replica: 'not a replica',
  another_database: 'of another database',
}

function replicaState({ isInUse, lagSeconds, problem }: NonNullable<ServerStatus['databaseReplica']>): ReactNode {
  const lag = lagSeconds === null ? '' : `, ${durationText(lagSeconds * 1000)} behind`
  return stateBadge(isInUse, `read${lag}`, `not read: ${replicaProblems[problem ?? ''] ?? 'just back'}`)
}

function LogFacts({ status: { eventLogPosition, logReaders } }: { readonly status: ServerStatus }) {
  return (
    <Card title="Event log">
      <Facts
        facts={[
          ['Position', optionalCount(eventLogPosition)],
          ...logReaders.map(({ name, lagEvents, lagSeconds }) => {
            const age = lagEvents === 0 ? '' : `, ${durationText(lagSeconds * 1000)} old`
            return [`Not read by ${name}`, `${countText(lagEvents)} events${age}`] as const
          }),
        ]}
      />
    </Card>
  )
}

function DeliveryFacts({
  status: { deliveriesDue, oldestDueSeconds, endpoints, held },
}: {
  readonly status: ServerStatus
}) {
  return (
    <Card title="Deliveries">
      <Facts
        facts={[
          ['Due', optionalCount(deliveriesDue)],
          ['Oldest', oldestDueSeconds === null || !deliveriesDue ? 'none' : durationText(oldestDueSeconds * 1000)],
          ...endpoints.map(({ name, count }) => [`Webhooks, ${name}`, countText(count)] as const),
          ...held.map(({ name, count }) => [`Held, ${name}`, countText(count)] as const),
        ]}
      />
    </Card>
  )
}

function stateBadge(isGood: boolean, good: string, bad: string): ReactNode {
  return <Badge tone={isGood ? 'good' : 'bad'}>{isGood ? good : bad}</Badge>
}

type Fact = readonly [name: string, value: ReactNode]

function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="numbers">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function optionalCount(count: number | null): string {
  return count === null ? 'unknown' : countText(count)
}

function largestFirst(counts: readonly NamedFragment[]): readonly NamedFragment[] {
  return counts.toSorted((one, other) => other.count - one.count)
}

const megabyte = 1_000_000
const megabytes = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })

function megabytesText(bytes: number): string {
  return `${megabytes.format(bytes / megabyte)} MB`
}

import { statement } from '../../../database/database.ts'
import type { ReplicaStatus } from '../../../database/replica/replica-watch.ts'
import { version } from '../../../platform/version.ts'
import type { Counts, ServerFacts } from '../../../server/facts/server-facts.ts'
import type { Context } from '../../execution/context.ts'
import { builder } from '../../schema/builder.ts'

interface NamedCount {
  readonly name: string
  readonly count: number
}

const NamedCountRef = builder.objectRef<NamedCount>('NamedCount').implement({
  fields: (t) => ({ name: t.exposeString('name'), count: t.exposeFloat('count') }),
})

const ServerProblem = builder
  .objectRef<{ readonly part: string; readonly message: string }>('ServerProblem')
  .implement({ fields: (t) => ({ part: t.exposeString('part'), message: t.exposeString('message') }) })

const LogReader = builder
  .objectRef<{ readonly reader: string; readonly lagEvents: number; readonly lagSeconds: number }>('LogReader')
  .implement({
    description: 'A reader of the event log, such as `fanout`, which makes deliveries.',
    fields: (t) => ({
      name: t.exposeString('reader'),
      lagEvents: t.exposeFloat('lagEvents', { description: 'Events that it has not read yet.' }),
      lagSeconds: t.exposeFloat('lagSeconds', { description: 'Age of the first of them; 0 when it has read all.' }),
    }),
  })

const ReplicaState = builder.objectRef<ReplicaStatus>('ReplicaState').implement({
  description: 'The database from which lists, counts, exports and statistics are read, as this process sees it.',
  fields: (t) => ({
    isInUse: t.exposeBoolean('isInUse', {
      description: 'Whether it is read; if not, everything is read from the primary.',
    }),
    lagSeconds: t.float({
      nullable: true,
      description: 'Age of its data; null while it is not known.',
      resolve: ({ lagMs }) => (lagMs === undefined ? null : lagMs / 1000),
    }),
    problem: t.string({
      nullable: true,
      description: 'Why it is not read: `away`, `behind`, `not_a_replica` or `another_database`.',
      resolve: ({ problem }) => problem ?? null,
    }),
  }),
})

interface Status {
  readonly facts: ServerFacts
  readonly problems: Readonly<Record<string, string>>
}

const ServerStatus = builder.objectRef<Status>('ServerStatus').implement({
  description: 'State of the whole server; a value that could not be read yet is null. `/metrics` has the same facts.',
  fields: (t) => ({
    version: t.string({ resolve: () => version() }),
    role: t.string({ resolve: (_status, _args, { config }) => config.role }),
    problems: t.field({
      type: [ServerProblem],
      description: 'What is missing in this process, as `/readyz` says it.',
      resolve: ({ problems }) => Object.entries(problems).map(([part, message]) => ({ part, message })),
    }),
    databaseVersion: t.string({ nullable: true, resolve: (_status, _args, context) => readDatabaseVersion(context) }),
    databaseIsEmbedded: t.boolean({ resolve: (_status, _args, { config }) => config.databaseUrl === undefined }),
    databaseIsSilent: t.boolean({ resolve: ({ facts }) => facts.isDatabaseSilent }),
    databaseConnections: t.field({
      type: [NamedCountRef],
      description: 'Connections of this process by state, and requests that wait for one.',
      resolve: (_status, _args, { database }) => countsOf(new Map(Object.entries(database.poolUse()))),
    }),
    databaseReplica: t.field({
      type: ReplicaState,
      nullable: true,
      description: 'Null without DATABASE_REPLICA_URL.',
      resolve: (_status, _args, { replica }) => replica?.status ?? null,
    }),
    usesRedis: t.boolean({ resolve: (_status, _args, { config }) => config.redisUrl !== undefined }),
    eventLogPosition: t.float({ nullable: true, resolve: ({ facts }) => facts.eventLogPosition ?? null }),
    logReaders: t.field({ type: [LogReader], resolve: ({ facts }) => [...(facts.readers ?? [])] }),
    deliveriesDue: t.float({ nullable: true, resolve: ({ facts }) => facts.deliveries?.due ?? null }),
    oldestDueSeconds: t.float({ nullable: true, resolve: ({ facts }) => facts.deliveries?.oldestDueSeconds ?? null }),
    endpoints: t.field({
      type: [NamedCountRef],
      description: 'Webhook endpoints by state; `failing` had no success since its last failure.',
      resolve: ({ facts }) => countsOf(facts.endpoints),
    }),
    held: t.field({
      type: [NamedCountRef],
      description: 'Held submissions by their first reason; at most 10,000 are counted.',
      resolve: ({ facts }) => countsOf(facts.held),
    }),
    tableBytes: t.field({
      type: [NamedCountRef],
      description: 'Bytes of each table with its indexes.',
      resolve: ({ facts }) => countsOf(facts.tableBytes),
    }),
  }),
})

builder.queryField('serverStatus', (t) =>
  t.field({
    type: ServerStatus,
    description: "For ADMIN keys of the default workspace, the operator's. Facts are at most five seconds old.",
    authScopes: { operator: true },
    complexity: 50,
    resolve: async (_root, _args, { facts, readiness }) => ({
      facts: await facts.current(),
      problems: { ...(await readiness.problems()), ...(await readiness.problemsBeside()) },
    }),
  }),
)

function countsOf(counts: Counts | undefined): NamedCount[] {
  return [...(counts ?? [])].map(([name, count]) => ({ name, count }))
}

async function readDatabaseVersion({ database }: Context): Promise<string | null> {
  const [row] = await database.query<{ version: string }>(selectVersion, [])
  return row?.version ?? null
}

const selectVersion = statement('select_server_version', `select current_setting('server_version') as version`)

/** Changes after which a statement of the version before may fail, and why. */
const contractions: readonly (readonly [RegExp, string])[] = [
  [/\bdrop\s+(table|view|type|function|extension|schema|sequence)\b/, 'drops something'],
  [/\bdrop\s+column\b/, 'drops a column'],
  [/\bdrop\s+constraint\b/, 'drops a constraint, which "on conflict" may name'],
  [/\bdrop\s+default\b/, 'drops a default'],
  [/\brename\b/, 'renames something'],
  [/\bset\s+not\s+null\b/, 'requires a value'],
  [/\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b/, 'changes the type of a column'],
  [/\b(truncate|delete\s+from)\b/, 'deletes rows'],
]

/**
 * Returns what in a migration the version before may not survive; nothing for one that only adds.
 * @param sql text of the migration
 */
export function findContractions(sql: string): string[] {
  const statements = sql
    .replace(/--.*$/gm, '')
    .toLowerCase()
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
  const created = statements.flatMap((statement) => /^create table (\S+)/.exec(statement)?.[1] ?? [])
  return statements.flatMap((statement) => [
    ...contractions.filter(([pattern]) => pattern.test(statement)).map(([, problem]) => problem),
    ...requiredColumns(statement),
    ...uniqueOnOld(statement, created),
  ])
}

/** An insert of the version before does not name the column. */
function requiredColumns(statement: string): string[] {
  if (!statement.startsWith('alter table')) return []
  const added = statement.split(/,\s*\n/).filter((part) => /\badd\s+column\b/.test(part))
  return added
    .filter((part) => /\bnot\s+null\b/.test(part) && !/\b(default|generated)\b/.test(part))
    .map(() => 'adds a column that is required')
}

/** An insert of the version before may repeat a value. */
function uniqueOnOld(statement: string, created: readonly string[]): string[] {
  const [, table = ''] = /^create unique index .* on (?:only )?([^\s(]+)/.exec(statement) ?? []
  return table !== '' && !created.includes(table) ? ['adds a unique index to a table that exists'] : []
}

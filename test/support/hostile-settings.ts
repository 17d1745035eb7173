/**
 * Settings of a database that a server of somebody else's may have, and that the tests run with: Rex must not notice
 * them. They belong to one database, and a copy of it does not have them.
 */
const settings = {
  timezone: 'Asia/Kathmandu',
  datestyle: 'SQL, DMY',
  intervalstyle: 'sql_standard',
  default_transaction_isolation: 'serializable',
  standard_conforming_strings: 'off',
  extra_float_digits: '-15',
  array_nulls: 'off',
  transform_null_equals: 'on',
  lock_timeout: '1ms',
  idle_session_timeout: '1s',
} as const

export type HostileSettings = Partial<Record<keyof typeof settings, string>>

/** The statements that give a database these settings, for the sessions that begin after them. */
export function makeHostile(database: string, chosen: HostileSettings = settings): string {
  return Object.entries(chosen)
    .map(([name, value]) => `alter database ${database} set ${name} = '${value}'`)
    .join('; ')
}

/** State of the primary. */
export interface PrimaryState {
  /** Bytes of the write-ahead log, as the driver returns int8. */
  readonly position: string
  /** Identifier that a primary shares with its replicas. */
  readonly system_id: string
}

/** State of a replica. */
export interface ReplicaState {
  readonly is_standby: boolean
  /** Bytes of the write-ahead log that it has replayed, as the driver returns int8. */
  readonly position: string
  readonly system_id: string
}

const systemId = `(select system_identifier::text from pg_control_system()) as system_id`

/**
 * The next record begins after the header of a page (24 bytes, 40 at the start of a segment). A replica that has replayed
 * everything stands before that header, so the position is taken there: no record ends in between.
 */
export const selectPrimaryState = `
  select inserted - case when inserted % page in (24, 40) then inserted % page else 0 end as position, ${systemId}
  from (
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::int8 as inserted,
           current_setting('wal_block_size')::int8 as page
  ) as log`

export const selectReplicaState = `
  select pg_is_in_recovery() as is_standby,
         coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)::int8 as position,
         ${systemId}`

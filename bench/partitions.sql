-- Compares a table like `event` with the same in 60 partitions by id: psql -f bench/partitions.sql, in an empty database.
\timing on
set synchronous_commit = off;

create table plain (
  workspace_id text not null, id text not null, position bigint not null, contact_id text, body text not null,
  created_at timestamptz not null, primary key (workspace_id, id), unique (workspace_id, position)
);
create index on plain (position);
create index on plain (workspace_id, contact_id, position);
create index on plain (workspace_id, created_at);

-- A unique index of a partitioned table has the key of the partitions.
create table parted (like plain, primary key (workspace_id, id), unique (workspace_id, position, id)) partition by range (id);
create index on parted (position);
create index on parted (workspace_id, contact_id, position);
create index on parted (workspace_id, created_at);
select format('create table parted_%s partition of parted for values from (%L) to (%L)', nth,
              'evt_' || lpad((nth * 25000)::text, 10, '0'), 'evt_' || lpad(((nth + 1) * 25000)::text, 10, '0'))
from generate_series(0, 59) nth
\gexec

create view source as
select 'ws_' || nth % 50 as workspace_id, 'evt_' || lpad(nth::text, 10, '0') || 'ABCDEFGHIJKLMNOP' as id, nth::bigint as position,
       'cont_' || nth % 20000 as contact_id, repeat('x', 300) as body, now() - (1500000 - nth) * interval '1 second' as created_at
from generate_series(0, 1499999) nth;

\echo insert: plain, partitions
insert into plain select * from source;
insert into parted select * from source;
vacuum analyze plain;
vacuum analyze parted;
select pg_size_pretty(pg_total_relation_size('plain')) as plain, pg_size_pretty(sum(pg_total_relation_size(inhrelid))) as partitions
from pg_inherits
where inhparent = 'parted'::regclass;

create temp table pick as
select 'ws_' || nth % 50 as workspace_id, 'evt_' || lpad(nth::text, 10, '0') || 'ABCDEFGHIJKLMNOP' as id, nth::bigint as position
from (select (random() * 1499999)::int as nth from generate_series(1, 20000)) numbers;
create function pg_temp.repeat(sql text, times int) returns void language plpgsql as $$
declare row record; found text;
begin
  for row in select * from pick limit times loop
    execute sql into found using row.workspace_id, row.id, row.position;
  end loop;
end $$;

\echo 20,000 rows by workspace_id and id: plain, partitions
select pg_temp.repeat('select body from plain where workspace_id = $1 and id = $2', 20000);
select pg_temp.repeat('select body from parted where workspace_id = $1 and id = $2', 20000);
\echo 2,000 rows by workspace_id and position: plain, partitions
select pg_temp.repeat('select body from plain where workspace_id = $1 and position = $3', 2000);
select pg_temp.repeat('select body from parted where workspace_id = $1 and position = $3', 2000);
\echo 1,000 pages of 20 by position: plain, partitions
select pg_temp.repeat('select max(body) from (select body from plain where workspace_id = $1 and position < $3 order by position desc limit 20) page', 1000);
select pg_temp.repeat('select max(body) from (select body from parted where workspace_id = $1 and position < $3 order by position desc limit 20) page', 1000);

\echo the oldest 25,000 rows: delete from plain in steps of 1,000, vacuum, drop of a partition
do $$ begin for step in 0..24 loop delete from plain where position >= step * 1000 and position < (step + 1) * 1000; end loop; end $$;
vacuum plain;
drop table parted_0;

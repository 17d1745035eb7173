import { expect, it } from 'vitest'
import { poolSizeOf, processCountOf } from '../../src/app/cluster/process-count.ts'

const external = 'postgresql://db.example.com/rex'

it.each([
  ['the embedded database and two cores', undefined, undefined, 2, 1],
  ['the embedded database and four cores', undefined, undefined, 4, 4],
  ['a database elsewhere and two cores', undefined, external, 2, 2],
  ['a database elsewhere and one core', undefined, external, 1, 1],
  ['a large machine', undefined, external, 64, 16],
  ['auto', 'auto', undefined, 2, 2],
  ['a number', 3, undefined, 2, 3],
] as const)('chooses the number of processes for %s', (_, processes, databaseUrl, cores, expected) => {
  expect(processCountOf({ processes, databaseUrl }, cores)).toBe(expected)
})

it('keeps the pools of a node within the connections that PostgreSQL accepts by default', () => {
  expect([1, 2, 6, 8, 16].map(poolSizeOf)).toEqual([12, 12, 12, 9, 4])
  for (let processes = 1; processes <= 16; processes++)
    expect(processes * (poolSizeOf(processes) + 1)).toBeLessThanOrEqual(90)
})

/** Set for a run that shows whether a benchmark works, not what it measures: `BENCH_SHORT=1`. */
const isShort = process.env['BENCH_SHORT'] !== undefined

/** Returns the size of a part of a benchmark, such as a number of rounds or its milliseconds. */
export function sized({ whole, short }: { readonly whole: number; readonly short: number }): number {
  return isShort ? short : whole
}

/** Returns the number of rounds: that of `ROUNDS`, else the benchmark's own, or one in a short run. */
export function roundCount(whole: number): number {
  return Number(process.env['ROUNDS'] ?? sized({ whole, short: 1 }))
}

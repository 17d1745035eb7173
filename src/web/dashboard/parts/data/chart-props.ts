/** Contents of a chart over time. */
export interface ChartProps {
  /** Meaning of the chart in one sentence, for who cannot see it. */
  readonly label: string
  /** Starts of the intervals, in milliseconds. */
  readonly times: readonly number[]
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[]
}

import './sparkline.css'

const [width, height] = [100, 24]

interface SparklineProps {
  readonly values: readonly number[]
  /** The bad ones among the values. */
  readonly bad?: readonly number[]
  readonly label: string
}

/** Course of a number as a small line; its meaning belongs in `label`. */
export function Sparkline({ values, bad = [], label }: SparklineProps) {
  const highest = Math.max(1, ...values)
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <polyline points={pointsOf(values, highest)} vectorEffect="non-scaling-stroke" />
      {bad.some((value) => value > 0) && (
        <polyline className="sparkline-bad" points={pointsOf(bad, highest)} vectorEffect="non-scaling-stroke" />
      )}
    </svg>
  )
}

function pointsOf(values: readonly number[], highest: number): string {
  const step = width / Math.max(1, values.length - 1)
  return values.map((value, nth) => `${nth * step},${height - 1 - (value / highest) * (height - 2)}`).join(' ')
}

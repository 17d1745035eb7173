import './sparkline.css'

const [width, height] = [100, 24]

/** Course of a number as a small line; its meaning belongs in `label`. */
export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  const highest = Math.max(1, ...values)
  const step = width / Math.max(1, values.length - 1)
  const points = values.map((value, nth) => `${nth * step},${height - 1 - (value / highest) * (height - 2)}`).join(' ')
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <polyline points={points} vectorEffect="non-scaling-stroke" />
    </svg>
  )
}

import { lazy, Suspense } from 'react'
import type { ChartProps } from './chart-props.ts'
import './chart.css'

const Canvas = lazy(async () => ({ default: (await import('./chart-canvas.tsx')).ChartCanvas }))

/** Place of a chart, of the same height, so that nothing jumps when the chart is drawn. */
export function ChartPlace() {
  return <div className="chart-canvas" />
}

/** Chart over time with stacked areas; it is loaded when a page shows it first. */
export function Chart(props: ChartProps) {
  return (
    <figure className="chart">
      <Suspense fallback={<ChartPlace />}>
        <Canvas {...props} />
      </Suspense>
      <figcaption>
        <ul className="chart-legend">
          {props.series.map(({ name }, nth) => (
            <li key={name} data-series={nth % 6}>
              <bdi>{name}</bdi>
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  )
}

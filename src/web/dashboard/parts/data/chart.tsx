import { lazy, Suspense } from 'react'
import type { ChartProps } from './chart-props.ts'
import './chart.css'

const Canvas = lazy(async () => ({ default: (await import('./chart-canvas.tsx')).ChartCanvas }))

/** Chart over time with stacked areas; it is loaded when a page shows it first. */
export function Chart(props: ChartProps) {
  return (
    <figure className="chart">
      <Suspense>
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

import { useEffect, useRef } from 'react'
import Plot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { ChartProps } from './chart-props.ts'
import { plotOptions, stackedData } from './plot-options.ts'

/** Draws the chart, as wide as its place. */
export function ChartCanvas({ label, times, series }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const node = place.current
    if (node === null) return
    const draw = () => new Plot(plotOptions(node, series), stackedData(times, series), node)
    let plot = draw()
    const redraw = () => {
      plot.destroy()
      plot = draw()
    }
    const sizes = new ResizeObserver(() => plot.setSize({ width: node.clientWidth, height: node.clientHeight }))
    sizes.observe(node)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', redraw)
    const theme = new MutationObserver(redraw)
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => {
      sizes.disconnect()
      theme.disconnect()
      scheme.removeEventListener('change', redraw)
      plot.destroy()
    }
  }, [times, series])
  return <div ref={place} className="chart-canvas" role="img" aria-label={label} />
}

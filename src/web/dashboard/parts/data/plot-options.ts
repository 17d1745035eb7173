import type Plot from 'uplot'
import type { ChartProps } from './chart-props.ts'

type Series = ChartProps['series']

/** Returns the columns of uPlot: seconds, then each series on top of the ones after it. */
export function stackedData(times: readonly number[], series: Series): Plot.AlignedData {
  const sums = times.map(() => 0)
  const stacked = series
    .toReversed()
    .map(({ values }) => values.map((value, nth) => (sums[nth] = (sums[nth] ?? 0) + value)))
    .toReversed()
  return [times.map((time) => time / 1000), ...stacked]
}

/** Returns the look of a chart, from the tokens of the theme as they are now. */
export function plotOptions(node: HTMLElement, series: Series): Plot.Options {
  const [line, soft] = [tokenOf(node, '--line'), tokenOf(node, '--soft')]
  const axis = {
    stroke: soft,
    font: `12px ${getComputedStyle(node).fontFamily}`,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
  }
  return {
    width: node.clientWidth,
    height: node.clientHeight,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    padding: [8, 20, 0, 0],
    scales: { y: { range: (_, __, highest) => [0, Math.max(4, highest * 1.1)] } },
    axes: [
      { ...axis, grid: { show: false }, space: 70 },
      { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000] },
    ],
    // Each area ends where the next one begins.
    bands: series.slice(1).map((_, nth) => ({ series: [nth + 1, nth + 2] })),
    series: [{}, ...series.map(({ name }, nth) => seriesLook(node, name, nth))],
  }
}

function seriesLook(node: HTMLElement, label: string, nth: number): Plot.Series {
  const color = tokenOf(node, `--series-${(nth % 6) + 1}`)
  return { label, stroke: color, width: 1.5, fill: translucent(color), points: { show: false } }
}

/** Resolves a token to a colour, since a canvas knows no custom properties. */
function tokenOf(node: HTMLElement, name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  node.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function translucent(color: string): string {
  return color.replace(/^rgb\((.*)\)$/, 'rgb($1, 0.3)')
}

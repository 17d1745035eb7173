import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scrape } from './scrapes.ts'

export const rulesFile = join(import.meta.dirname, '../../docs/alerts/rules.yml')
/** Seconds between the scrapes of a timeline, as in the rules. */
const scrapeEverySeconds = 15

const stepsOfMinute = 60 / scrapeEverySeconds
const healthySteps = 40

/**
 * Asks promtool whether an alert fires in the minute that begins with the first scrape of `minute`, the last of which it
 * repeats to the end. Before, Prometheus has scraped `before` in turn, the first of it for ten minutes.
 */
export function firesWithinAMinute(alert: string, before: readonly Scrape[], minute: readonly Scrape[]): boolean {
  const [first, last] = [before[0], minute.at(-1)]
  if (first === undefined || last === undefined) throw new Error('There is no scrape.')
  const rest = Array<Scrape>(stepsOfMinute + 1).fill(last)
  const timeline = [...Array<Scrape>(healthySteps).fill(first), ...before.slice(1)]
  const endsAt = (timeline.length + stepsOfMinute) * scrapeEverySeconds
  return fires(alert, [...timeline, ...minute, ...rest], endsAt)
}

/** Runs promtool on the rules with these scrapes. */
function fires(alert: string, timeline: readonly Scrape[], atSeconds: number): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'rex-alerts-'))
  const file = join(folder, 'test.json')
  try {
    return passes(file, alert, timeline, atSeconds)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function passes(file: string, alert: string, timeline: readonly Scrape[], atSeconds: number): boolean {
  const firing = `sgn(count(max_over_time(ALERTS{alertname="${alert}",alertstate="firing"}[1m])))`
  const test = {
    interval: `${scrapeEverySeconds}s`,
    input_series: seriesOf(timeline),
    promql_expr_test: [{ expr: firing, eval_time: `${atSeconds}s`, exp_samples: [{ labels: '{}', value: 1 }] }],
  }
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ rule_files: [rulesFile], evaluation_interval: '15s', tests: [test] }))
  try {
    execFileSync('promtool', ['test', 'rules', file], { stdio: 'pipe' })
    return true
  } catch (error) {
    // Anything else, such as rules that cannot be read, is no answer.
    if (error instanceof Error && /FAILED[\s\S]* exp:/.test(error.message)) return false
    throw error
  }
}

/** The series of Rex, and that of Prometheus itself. A value that a scrape lacks is `_`. */
function seriesOf(timeline: readonly Scrape[]): { series: string; values: string }[] {
  const names = new Set(timeline.flatMap((scrape) => [...scrape.keys()]).filter((name) => name.startsWith('rex_')))
  const up = { series: 'up{job="rex"}', values: timeline.map(() => 1).join(' ') }
  return [
    up,
    ...[...names].map((name) => ({
      series: name,
      values: timeline.map((scrape) => String(scrape.get(name) ?? '_')).join(' '),
    })),
  ]
}

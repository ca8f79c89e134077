import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { createMetrics } from '../src/metrics/metrics.ts'
import { CACHES } from '../src/metrics/telemetry.ts'
import { readAlerts } from './support/alerts.ts'
import { labelsOf, namesIn, type Sample, samplesIn, selectorsIn } from './support/prometheus.ts'
import { opensSession, proposes, world } from './support/world.ts'

/** Holds the dashboard and the alerts to what the bot really exports, and each alert to its runbook. */

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

type Panel = {
  id: number
  type: string
  title: string
  gridPos: { h: number; w: number; x: number; y: number }
  datasource?: { type: string; uid: string }
  targets?: { expr: string; refId: string; datasource: { uid: string } }[]
}
type Dashboard = {
  schemaVersion: number
  panels: Panel[]
  templating: { list: { name: string; type: string; definition?: string }[] }
}

const dashboard = JSON.parse(read('ops/grafana/tradevote.json')) as Dashboard
const alerts = readAlerts(read('ops/prometheus/alerts.yml'))

/** As Grafana fills in its variables. */
const filledIn = (expr: string): string =>
  expr
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '1h')
    .replaceAll('$job', 'tradevote')
    .replaceAll('$instance', '.*')

const expressions = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap((panel) =>
    (panel.targets ?? []).map((target) => [`${panel.title} ${target.refId}`, filledIn(target.expr)] as const),
  ),
]

/** Of Prometheus itself, about whom it asks. */
const OF_PROMETHEUS = ['up']
const OF_EVERY_SERIES = ['job', 'instance']

let exported: Set<string>
let labels: Map<string, Sample['labels'][]>

beforeAll(async () => {
  const text = await metricsOfEverything()
  exported = namesIn(text)
  labels = labelsOf(samplesIn(text))
})

test('a running bot exports just that', async () => {
  const running = await metricsOfRunningBot()
  expect(namesIn(running)).toEqual(exported)
  for (const [name, [first]] of labelsOf(samplesIn(running)))
    expect([name, Object.keys(first!)]).toEqual([name, Object.keys(labels.get(name)![0]!)])
})

async function metricsOfRunningBot(): Promise<string> {
  const it = await world({ env: { ADMIN_TOKEN: 'the-token-of-the-operator' } })
  await opensSession(it, [it.alice, it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  await it.alice.taps(card, 'Yes')
  await it.pass(60_000)
  const headers = { authorization: 'Bearer the-token-of-the-operator' }
  return (await fetch(`http://127.0.0.1:${it.app.port}/metrics`, { headers })).text()
}

/** With every label that there can be. */
async function metricsOfEverything(): Promise<string> {
  const metrics = createMetrics(0)
  const { telemetry } = metrics
  for (const outcome of ['done', 'again', 'failed'] as const) telemetry.alarm('close', outcome, 1, 1)
  for (const outcome of ['ok', 'flood', 'refused', 'unavailable', 'cancelled'] as const)
    for (const method of ['sendMessage', 'getUpdates']) telemetry.call(method, outcome, 1)
  for (const remote of ['prices', 'executor'] as const)
    for (const isAnswer of [true, false]) telemetry.remote(remote, isAnswer)
  telemetry.order('filled')
  telemetry.commit(1, 'written')
  telemetry.decided('approved', 1)
  for (const kind of ['command', 'tap'] as const) telemetry.update(kind, 'done', 1)
  try {
    const { body } = await metrics.text({
      since: 0,
      now: 0,
      stores: { sessions: { kind: 'redis', isUp: true }, database: { kind: 'postgres', isUp: true } },
      recorded: {
        sessions: { open: 1, ended: 1, lost: 1 },
        participants: 1,
        proposals: { approved: 1, notApproved: 1 },
        votes: { yes: 1, no: 1 },
        orders: { recorded: 1, sent: 1, filled: 1, partly_filled: 1, refused: 1, cancelled: 1, unknown: 1 },
      },
      queue: (['delayed', 'waiting', 'active'] as const).map((state) => ({
        kind: 'close',
        state,
        count: 1,
        overdueMs: 1,
      })),
      caches: Object.fromEntries(CACHES.map((name) => [name, { hits: 1, misses: 1 }])) as never,
    })
    return body
  } finally {
    metrics.close()
  }
}

/** The name under which the metric of a series is announced. */
const announced = (series: string): string =>
  exported.has(series) ? series : series.replace(/_(bucket|sum|count)$/, '')

describe('every expression', () => {
  test.each(expressions)('asks for metrics and labels that there are: %s', (_, expr) => {
    const selectors = selectorsIn(expr)
    expect(selectors.length).toBeGreaterThan(0)
    for (const { metric, matchers } of selectors) {
      if (OF_PROMETHEUS.includes(metric)) continue
      expect(exported, metric).toContain(announced(metric))
      const known = labels.get(metric) ?? []
      expect(known.length, metric).toBeGreaterThan(0)
      for (const { label, operator, value } of matchers) {
        if (OF_EVERY_SERIES.includes(label)) continue
        if (operator === '=' || operator === '!=')
          expect(
            known.map((one) => one[label]),
            `${metric} ${label}`,
          ).toContain(value)
        else expect(Object.keys(known[0]!), metric).toContain(label)
      }
    }
  })

  test.each(expressions)('groups by labels that there are: %s', (_, expr) => {
    const there = new Set([
      ...OF_EVERY_SERIES,
      ...selectorsIn(expr).flatMap(({ metric }) => Object.keys(labels.get(metric)?.[0] ?? {})),
    ])
    for (const [, list] of expr.matchAll(/\b(?:by|without)\s*\(([^)]*)\)/g))
      for (const label of list!.split(',')) expect([...there]).toContain(label.trim())
  })

  test.each(expressions)('is well formed: %s', (_, expr) => {
    const bare = expr.replace(/"[^"]*"/g, '""')
    const open: string[] = []
    for (const sign of bare.match(/[(){}[\]]/g) ?? []) {
      if ('([{'.includes(sign)) open.push(sign)
      else expect(open.pop()).toBe({ ')': '(', ']': '[', '}': '{' }[sign])
    }
    expect(open).toEqual([])
    for (const [, metric] of bare.matchAll(/\b(?:rate|increase)\((\w+)/g))
      expect(metric).toMatch(/_(total|bucket|sum|count)$/)
  })
})

describe('the alerts', () => {
  const runbooks = read('docs/operations.md')
  /** As it becomes of a heading where Markdown is shown. */
  const anchors = [...runbooks.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

  test.each(alerts)('$alert waits, tells how grave it is, and names a runbook that is there', (alert) => {
    expect(alert.for).toMatch(/^\d+m$/)
    expect(['critical', 'warning']).toContain(alert.severity)
    expect(alert.summary).toMatch(/\.$/)
    const [file, anchor] = alert.runbook.split('#')
    expect([file, anchors]).toEqual(['docs/operations.md', expect.arrayContaining([anchor])])
    // Whoever is called at night looks for the name that called.
    expect(runbooks).toContain(`\`${alert.alert}\``)
  })

  test('no name is there twice, and no runbook names an alert that is not', () => {
    const names = alerts.map(({ alert }) => alert)
    expect(new Set(names).size).toBe(names.length)
    expect(new Set(runbooks.match(/`Tradevote\w+`/g))).toEqual(new Set(names.map((name) => `\`${name}\``)))
  })

  const hasPromtool = (() => {
    try {
      execFileSync('promtool', ['--version'], { stdio: 'pipe' })
      return true
    } catch {
      return false
    }
  })()

  test.skipIf(!hasPromtool)('Prometheus itself takes them, and rings each of them when it should', () => {
    const cwd = new URL('../ops/prometheus/', import.meta.url)
    for (const what of [
      ['check', 'rules', 'alerts.yml'],
      ['check', 'config', '--syntax-only', 'prometheus.yml'],
      ['test', 'rules', 'alerts.test.yml'],
    ])
      expect(execFileSync('promtool', what, { cwd, encoding: 'utf8', stdio: 'pipe' })).toContain('SUCCESS')
  })

  test('each of them is tried', () => {
    const tried = read('ops/prometheus/alerts.test.yml')
    for (const { alert } of alerts) expect(tried).toContain(`alertname="${alert}"`)
  })
})

describe('the dashboard', () => {
  test('is of a Grafana of our time, and takes its source of data from a variable', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(38)
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['job', 'query'],
      ['instance', 'query'],
    ])
    for (const { definition } of dashboard.templating.list.slice(1))
      expect(definition).toContain('tradevote_process_state')
    const sources = dashboard.panels.flatMap((panel) => [
      ...(panel.type === 'row' ? [] : [panel.datasource?.uid]),
      ...(panel.targets ?? []).map((target) => target.datasource.uid),
    ])
    expect([...new Set(sources)]).toEqual([expect.stringMatching(/^\$\{datasource\}$/)])
  })

  test('has a row for each part of the bot, and every metric is shown somewhere', () => {
    const rows = dashboard.panels.filter((panel) => panel.type === 'row').map((panel) => panel.title)
    const parts = ['Updates', 'Votes and commits', 'Deadlines', 'Queue', 'Telegram', 'Orders', 'Stores', 'Process']
    expect(rows).toEqual(parts)
    const shown = expressions.flatMap(([, expr]) => selectorsIn(expr).map(({ metric }) => announced(metric)))
    expect([...exported].filter((name) => !shown.includes(name))).toEqual([])
  })

  test('has panels that do not lie on each other', () => {
    const { panels } = dashboard
    expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length)
    const overlap = ({ gridPos: a }: Panel, { gridPos: b }: Panel) =>
      a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
    for (const [i, panel] of panels.entries()) {
      expect(panel.gridPos.x + panel.gridPos.w).toBeLessThanOrEqual(24)
      for (const other of panels.slice(i + 1))
        expect(overlap(panel, other), `${panel.title}, ${other.title}`).toBe(false)
    }
  })
})

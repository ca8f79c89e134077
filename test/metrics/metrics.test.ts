import { describe, expect, onTestFinished, test } from 'vitest'
import type { Stats } from '../../src/actions/read-stats.ts'
import { bounded } from '../../src/metrics/labels.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { silent } from '../../src/metrics/telemetry.ts'
import { samplesIn } from '../support/metrics.ts'

const STARTED_AT = 1_767_000_000_000

const stats = (overrides: Partial<Stats> = {}): Stats => ({
  since: STARTED_AT,
  now: STARTED_AT + 5000,
  stores: { sessions: { kind: 'redis', isUp: true }, database: { kind: 'postgres', isUp: true } },
  recorded: {
    sessions: { open: 2, ended: 3, lost: 1 },
    participants: 9,
    proposals: { approved: 4, notApproved: 5 },
    votes: { yes: 20, no: 10 },
    orders: { recorded: 0, sent: 0, filled: 3, partly_filled: 0, refused: 1, cancelled: 0, unknown: 1 },
  },
  queue: [
    { kind: 'close', state: 'delayed', count: 3, overdueMs: 0 },
    { kind: 'close', state: 'waiting', count: 2, overdueMs: 4500 },
  ],
  caches: {} as Stats['caches'],
  ...overrides,
})

function counting() {
  const metrics = createMetrics(STARTED_AT)
  onTestFinished(() => metrics.close())
  const read = async (look = stats()) => samplesIn((await metrics.text(look)).body)
  return { ...metrics, read }
}

describe('what was told', () => {
  test('is counted, durations in seconds', async () => {
    const { telemetry, read } = counting()
    telemetry.update('tap', 'done', 12)
    telemetry.update('tap', 'done', 1500)
    telemetry.commit(7, 'written')
    telemetry.commit(7, 'lost')
    telemetry.decided('approved', 40)
    telemetry.alarm('close', 'done', 3, 20)
    telemetry.call('sendMessage', 'flood', 30)
    telemetry.floodWait(7000)
    telemetry.order('filled')
    const samples = await read()
    expect(samples.get('tradevote_updates_total{kind="tap",outcome="done"}')).toBe(2)
    expect(samples.get('tradevote_update_seconds_sum{kind="tap"}')).toBe(1.512)
    expect(samples.get('tradevote_update_seconds_bucket{le="0.025",kind="tap"}')).toBe(1)
    expect(samples.get('tradevote_commit_size_sum')).toBe(7)
    expect(samples.get('tradevote_commits_total{fate="lost"}')).toBe(1)
    expect(samples.get('tradevote_deadline_lag_seconds_sum')).toBe(0.04)
    expect(samples.get('tradevote_alarm_lag_seconds_count{kind="close"}')).toBe(1)
    expect(samples.get('tradevote_calls_total{method="sendMessage",outcome="flood"}')).toBe(1)
    expect(samples.get('tradevote_flood_waits_total')).toBe(1)
    expect(samples.get('tradevote_flood_wait_seconds_total')).toBe(7)
    expect(samples.get('tradevote_order_changes_total{state="filled"}')).toBe(1)
  })

  test('begins at zero, so that a first event is a rise', async () => {
    const samples = await counting().read()
    for (const name of [
      'tradevote_updates_total{kind="command",outcome="failed"}',
      'tradevote_votes_total{vote="yes"}',
      'tradevote_commits_total{fate="lost"}',
      'tradevote_cache_requests_total{cache="rights",result="miss"}',
      'tradevote_limited_total{whose="person"}',
    ])
      expect(samples.get(name)).toBe(0)
  })

  test('belongs to one app only', async () => {
    const [one, other] = [counting(), counting()]
    one.telemetry.vote('yes')
    expect((await one.read()).get('tradevote_votes_total{vote="yes"}')).toBe(1)
    expect((await other.read()).get('tradevote_votes_total{vote="yes"}')).toBe(0)
  })

  test('is remembered of caches and stores', async () => {
    const { telemetry, caches, isUp } = counting()
    telemetry.cache('rights', true)
    telemetry.cache('rights', false)
    telemetry.cache('rights', true)
    expect(caches().rights).toEqual({ hits: 2, misses: 1 })
    expect(isUp('database')).toBe(true)
    telemetry.store('database', false)
    expect([isUp('database'), isUp('sessions')]).toEqual([false, true])
  })

  test('never throws, whatever it is', async () => {
    const { telemetry, read } = counting()
    const odd = [Number.NaN, Number.NEGATIVE_INFINITY, -5, undefined as never]
    for (const ms of odd) {
      telemetry.update('tap', 'done', ms)
      telemetry.decided('approved', ms)
      telemetry.alarm('close', 'done', ms, ms)
      telemetry.call('getMe', 'ok', ms)
      telemetry.floodWait(ms)
    }
    const samples = await read()
    expect(samples.get('tradevote_deadline_lag_seconds_sum')).toBe(0)
    expect(samples.get('tradevote_update_seconds_count{kind="tap"}')).toBe(4)
  })

  test('has as few labels as the bot has kinds of things, whatever is put in', async () => {
    const { telemetry, read } = counting()
    for (let n = 0; n < 1000; n++) {
      telemetry.alarm(`kind ${n}`, 'done', 1, 1)
      telemetry.call(`method${n}`, 'ok', 1)
      telemetry.order(`state${n}`)
    }
    const samples = await read()
    expect(samples.get('tradevote_alarms_total{kind="other",outcome="done"}')).toBe(970)
    expect(samples.get('tradevote_calls_total{method="other",outcome="ok"}')).toBe(960)
    expect(samples.size).toBeLessThan(2000)
  })

  test('can be told to nobody', () => {
    for (const tell of Object.values(silent)) expect((tell as () => void)()).toBeUndefined()
  })
})

describe('what was looked up', () => {
  test('is shown as it is', async () => {
    const samples = await counting().read()
    const shown = Object.fromEntries(
      [...samples].filter(([name]) => /sessions|participants|orders|queue|up/.test(name)),
    )
    expect(shown).toMatchObject({
      'tradevote_sessions{state="open"}': 2,
      'tradevote_sessions{state="lost"}': 1,
      tradevote_participants: 9,
      'tradevote_orders{state="unknown"}': 1,
      'tradevote_queue_jobs{kind="close",state="waiting"}': 2,
      'tradevote_queue_overdue_seconds{kind="close"}': 4.5,
      'tradevote_store_up{store="sessions",kind="redis"}': 1,
    })
    expect(samples.get('tradevote_votes_recorded{vote="yes"}')).toBe(20)
    expect(samples.get('tradevote_proposals{outcome="not_approved"}')).toBe(5)
  })

  test('is absent where it could not be looked up, while all else is there', async () => {
    const { read, telemetry } = counting()
    telemetry.vote('no')
    await read()
    const stores: Stats['stores'] = { ...stats().stores, database: { kind: 'postgres', isUp: false } }
    const samples = await read(stats({ stores, recorded: null, queue: null }))
    expect(samples.get('tradevote_store_up{store="database",kind="postgres"}')).toBe(0)
    expect(samples.get('tradevote_votes_total{vote="no"}')).toBe(1)
    const gone = [...samples.keys()].filter((name) =>
      /^tradevote_(sessions|participants|proposals|votes_recorded|orders|queue)/.test(name),
    )
    expect(gone).toEqual([])
  })

  test('that is over is gone: a queue that is empty shows nothing old', async () => {
    const { read } = counting()
    await read()
    expect([...(await read(stats({ queue: [] }))).keys()].join()).not.toContain('queue')
  })
})

test('the process shows its own figures', async () => {
  const samples = await counting().read()
  expect(samples.get('process_start_time_seconds')).toBe(STARTED_AT / 1000)
  expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000)
  expect(samples.get('process_cpu_seconds_total')).toBeGreaterThan(0)
  expect(samples.get('nodejs_eventloop_lag_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0)
})

test('a label keeps its first values', () => {
  const keep = bounded(2)
  expect(['a', 'b', 'c', 'a', 'd', 'b'].map(keep)).toEqual(['a', 'b', 'other', 'a', 'other', 'b'])
})

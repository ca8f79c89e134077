import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { alwaysLeading, createLeadership, type Lead } from '../../src/storage/leadership.ts'
import { eventually } from '../support/bot-process.ts'
import { runsPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const LEASE_MS = 1000

test('where nobody else can be, the lead is ours at once', async () => {
  const told: Lead[] = []
  expect(await alwaysLeading.start((lead) => told.push(lead))).toBe('ours')
  expect([told, alwaysLeading.lead, alwaysLeading.isCertain()]).toEqual([['ours'], 'ours', true])
  await alwaysLeading.stop()
})

describe.skipIf(!runsPostgres())('on Postgres', () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.stop())

  async function contender(url: string, botId = 7_000_000_001) {
    const leadership = createLeadership({ url, botId, leaseMs: LEASE_MS })
    const told: { lead: Lead; error: unknown; at: number }[] = []
    await leadership.start((lead, error) => told.push({ lead, error, at: Date.now() }))
    onTestFinished(() => leadership.stop())
    return { leadership, told, leads: () => told.map((one) => one.lead) }
  }

  type Contender = Awaited<ReturnType<typeof contender>>
  const certain = (all: Contender[]) => all.filter(({ leadership }) => leadership.isCertain())
  const oneLeads = (all: Contender[]) => eventually(() => certain(all).length === 1, 10_000, 'one leader')

  test('one leads, and another as soon as that one gives up the lead', async () => {
    const url = await postgres.createDatabase()
    const first = await contender(url)
    const others = [await contender(url), await contender(url)]
    expect(first.leads()).toEqual(['ours'])
    expect(others.map((other) => other.leads())).toEqual([['taken'], ['taken']])
    const stoppedAt = Date.now()
    await first.leadership.stop()
    expect(first.leadership.isCertain()).toBe(false)
    await oneLeads(others)
    expect(Date.now() - stoppedAt).toBeLessThan(LEASE_MS)
    await systemClock.sleep(2 * LEASE_MS)
    expect(certain(others)).toHaveLength(1)
    expect(others.map((other) => other.leads().join()).sort()).toEqual(['taken', 'taken,ours'])
    expect(first.leads()).toEqual(['ours'])
  })

  test('the lead outlives many times its lease while it is used', async () => {
    const url = await postgres.createDatabase()
    const holder = await contender(url)
    const other = await contender(url)
    for (let looks = 0; looks < 60; looks++) {
      await systemClock.sleep(50)
      expect([holder.leadership.isCertain(), other.leadership.isCertain()]).toEqual([true, false])
    }
  })

  test('bots that share a database do not hinder each other', async () => {
    const url = await postgres.createDatabase()
    const both = [await contender(url, 7_000_000_001), await contender(url, 7_000_000_002)]
    expect(both.map((one) => one.leads())).toEqual([['ours'], ['ours']])
  })

  test('a connection that breaks makes the lead unknown at once, until the server was asked again', async () => {
    const url = await postgres.createDatabase()
    const proxy = await startTcpProxy(Number(new URL(url).port))
    onTestFinished(() => proxy.close())
    const through = new URL(url)
    through.port = String(proxy.port)
    const holder = await contender(through.href)
    proxy.cutAt('pg_backend_pid', 'before')
    await eventually(() => holder.told.length === 3, 5000, 'the lead, again')
    expect(holder.leads()).toEqual(['ours', 'unknown', 'ours'])
    expect(holder.told[1]?.error).toBeInstanceOf(Error)
    expect(holder.leadership.isCertain()).toBe(true)
  })

  test('a connection that falls silent ends the lead before another can have it', async () => {
    const url = await postgres.createDatabase()
    const proxy = await startTcpProxy(Number(new URL(url).port))
    onTestFinished(() => proxy.close())
    const through = new URL(url)
    through.port = String(proxy.port)
    const holder = await contender(through.href)
    const other = await contender(url)
    const frozenAt = Date.now()
    proxy.freeze()
    let together = 0
    await eventually(
      () => {
        if (certain([holder, other]).length > 1) together += 1
        return other.leadership.isCertain()
      },
      10_000,
      'the other one',
    )
    expect(together).toBe(0)
    expect(Date.now() - frozenAt).toBeGreaterThan(LEASE_MS / 2)
    expect(holder.told[1]?.lead).toBe('unknown')
    expect(other.told[1]!.at).toBeGreaterThan(holder.told[1]!.at)
    await eventually(() => holder.leadership.lead === 'taken', 5000, 'the news')
    expect(other.leads()).toEqual(['taken', 'ours'])
  })

  test('a holder that lost its time to speak does not believe that it leads', async () => {
    const url = await postgres.createDatabase()
    const holder = await contender(url)
    expect(holder.leadership.isCertain()).toBe(true)
    const until = Date.now() + LEASE_MS
    // As when the process was stopped, or another kept it busy: nothing of it could run meanwhile.
    while (Date.now() < until);
    expect([holder.leadership.lead, holder.leadership.isCertain()]).toEqual(['ours', false])
  })

  test.each([-LEASE_MS, -60_000])('nor does it when the clock was set by %d ms meanwhile', async (setBy) => {
    const url = await postgres.createDatabase()
    const holder = await contender(url)
    const until = performance.now() + LEASE_MS
    while (performance.now() < until);
    const now = Date.now
    vi.spyOn(Date, 'now').mockImplementation(() => now() + setBy)
    onTestFinished(() => void vi.restoreAllMocks())
    expect([holder.leadership.lead, holder.leadership.isCertain()]).toEqual(['ours', false])
  })

  test('a server that restarts is led by one again', async () => {
    const own = await startPostgres()
    onTestFinished(() => own.stop())
    const url = await own.createDatabase()
    const all = [await contender(url), await contender(url), await contender(url)]
    for (const end of [() => own.kill(), () => own.stop()]) {
      await end()
      await eventually(() => all.every(({ leadership }) => leadership.lead === 'unknown'), 10_000, 'the bad news')
      expect(certain(all)).toEqual([])
      await own.restart()
      await oneLeads(all)
      await eventually(() => all.every(({ leadership }) => leadership.lead !== 'unknown'), 10_000, 'the news')
      expect(certain(all)).toHaveLength(1)
    }
  })

  test('a server that is away at the start is waited for, and stopping does not wait for it', async () => {
    const own = await startPostgres()
    onTestFinished(() => own.stop())
    const url = await own.createDatabase()
    await own.stop()
    const patient = await contender(url)
    expect(patient.leads()).toEqual(['unknown'])
    const hasty = await contender(url)
    const stoppedAt = Date.now()
    await hasty.leadership.stop()
    expect(Date.now() - stoppedAt).toBeLessThan(LEASE_MS)
    await own.restart()
    await oneLeads([patient])
    await own.stop()
    await eventually(() => patient.leadership.lead === 'unknown', 5000, 'the bad news')
    await patient.leadership.stop()
    expect(patient.leads()).toEqual(['unknown', 'ours', 'unknown'])
  })

  test('stopping ends even when the server says nothing any more', async () => {
    const url = await postgres.createDatabase()
    const proxy = await startTcpProxy(Number(new URL(url).port))
    onTestFinished(() => proxy.close())
    const through = new URL(url)
    through.port = String(proxy.port)
    const holder = await contender(through.href)
    proxy.freeze()
    const stoppedAt = Date.now()
    await holder.leadership.stop()
    expect(Date.now() - stoppedAt).toBeLessThan(2 * LEASE_MS)
  })
})

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Alarm, AlarmHandler, Alarms } from '../../src/alarms/alarms.ts'
import { createAlarms } from '../../src/alarms/bullmq.ts'
import { HOUR, MINUTE } from '../../src/lib/clock.ts'
import { correlated, correlationNow } from '../../src/lib/correlation.ts'
import type { Database } from '../../src/storage/database.ts'
import { createTestClock, type TestClock } from '../support/clock.ts'

/** Where the alarms' databases come from. */
export type AlarmsPlace = {
  /** An empty database; `open` may be called again after the last one was closed. */
  create(): Promise<{ open(clock: TestClock): Promise<Database> }>
  close(): Promise<void>
}

export type AlarmsWorld = {
  clock: TestClock
  database: Database
  alarms: Alarms
  /** What was handed to the handler, in order. */
  rung: { id: string; at: number; alarm: Alarm }[]
  logged: string[]
  /** What it told of each handling: kind, outcome, lag and time taken. */
  told: [kind: string, outcome: string, lagMs: number, ms: number][]
  /** The handler in use, after noting the alarm. */
  handle: AlarmHandler
  /** Resolves when so many were rung. */
  until(count: number): Promise<void>
  /** Starts the alarms with the handler above. */
  start(): Promise<void>
  close(): Promise<void>
}

export const anAlarm = (id: string, at: number, kind = 'close'): Alarm => ({ kind, id, session: 's1', at })

export async function openWorld(open: (clock: TestClock) => Promise<Database>, clock = createTestClock()) {
  const database = await open(clock)
  const logged: string[] = []
  const log = (message: string) => void logged.push(message)
  const told: AlarmsWorld['told'] = []
  const telemetry = { alarm: (...one: (typeof told)[number]) => void told.push(one) }
  const alarms = await createAlarms({ database, clock, log, telemetry })
  const world: AlarmsWorld = {
    clock,
    database,
    alarms,
    rung: [],
    logged,
    told,
    handle: async () => undefined,
    until: async (count) => {
      while (world.rung.length < count) await clock.sleep(2)
    },
    start: () =>
      alarms.start(async (alarm) => {
        world.rung.push({ id: alarm.id, at: clock.now(), alarm })
        return world.handle(alarm)
      }),
    close: async () => {
      await alarms.close()
      await database.close()
    },
  }
  return world
}

export function alarmsContract(openPlace: () => Promise<AlarmsPlace>): void {
  let place: AlarmsPlace
  let world: AlarmsWorld | undefined
  beforeAll(async () => {
    place = await openPlace()
  })
  afterEach(async () => {
    await world?.close()
    world = undefined
  })
  afterAll(() => place.close())

  const started = async () => {
    world = await openWorld((await place.create()).open)
    await world.start()
    return world
  }
  const ids = ({ rung }: AlarmsWorld) => rung.map(({ id }) => id)

  test('alarms ring at their time, none early, the earlier first', async () => {
    const { alarms, clock, rung, until } = await started()
    const now = clock.now()
    const times = [400, 150, 900, 250, 650]
    for (const ms of times) await alarms.ring(anAlarm(`after-${ms}`, now + ms))
    await until(times.length)
    expect(rung.map(({ id }) => id)).toEqual(['after-150', 'after-250', 'after-400', 'after-650', 'after-900'])
    for (const { at, alarm } of rung) {
      expect(at).toBeGreaterThanOrEqual(alarm.at)
      expect(at - alarm.at).toBeLessThan(400)
    }
    expect(rung[0]?.alarm).toEqual(anAlarm('after-150', now + 150))
  })

  test('what is due already rings at once', async () => {
    const { alarms, clock, until } = await started()
    const began = clock.now()
    await alarms.ring(anAlarm('past', began - HOUR))
    await until(1)
    await alarms.ring(anAlarm('now', clock.now()))
    await until(2)
    expect(clock.now() - began).toBeLessThan(1500)
  })

  test('the same alarm set twice rings once, and again when it is set anew', async () => {
    const world = await started()
    const { alarms, clock } = world
    const alarm = anAlarm('twice', clock.now() + HOUR)
    await Promise.all(Array.from({ length: 8 }, () => alarms.ring(alarm)))
    clock.advance(HOUR)
    await alarms.settle()
    expect(ids(world)).toEqual(['twice'])
    await alarms.ring(alarm)
    await alarms.settle()
    expect(ids(world)).toEqual(['twice', 'twice'])
  })

  test('alarms that differ in kind, id or time are different', async () => {
    const world = await started()
    const { alarms, clock } = world
    const now = clock.now()
    await alarms.ring(anAlarm('a', now))
    await alarms.ring(anAlarm('a', now - 1))
    await alarms.ring(anAlarm('a', now, 'announce'))
    await alarms.ring(anAlarm('b', now))
    await alarms.settle()
    expect(world.rung.map(({ alarm: { kind, id, at } }) => `${kind} ${id} ${at - now}`).sort()).toEqual([
      'announce a 0',
      'close a -1',
      'close a 0',
      'close b 0',
    ])
  })

  test('ids may hold anything', async () => {
    const world = await started()
    for (const id of ['123', 'a:b', '-_', 'ü/"\'']) await world.alarms.ring(anAlarm(id, 0, '7'))
    await world.alarms.settle()
    expect(ids(world).sort()).toEqual(['-_', '123', 'a:b', 'ü/"\''])
  })

  test('with a moved clock, settling rings what is due by it, in order, and nothing else', async () => {
    const world = await started()
    const { alarms, clock } = world
    const now = clock.now()
    await alarms.ring(anAlarm('day', now + 24 * HOUR))
    await alarms.ring(anAlarm('hour', now + HOUR))
    await alarms.ring(anAlarm('minute', now + MINUTE))
    await alarms.settle()
    expect(ids(world)).toEqual([])
    clock.advance(MINUTE)
    await alarms.settle()
    expect(ids(world)).toEqual(['minute'])
    clock.advance(2 * HOUR)
    // What a handler sets while settling belongs to it.
    world.handle = async ({ id }) => {
      if (id === 'hour') await alarms.ring(anAlarm('follow-up', clock.now()))
      return undefined
    }
    await alarms.settle()
    expect(ids(world)).toEqual(['minute', 'hour', 'follow-up'])
  })

  test('ringing what is due by the clock moves it forward although it waits for long', async () => {
    const world = await started()
    const { alarms, clock, until } = world
    const alarm = anAlarm('late', clock.now() + HOUR)
    await alarms.ring(alarm)
    clock.advance(HOUR)
    await alarms.ring(alarm)
    await until(1)
    expect(ids(world)).toEqual(['late'])
  })

  test('a handler may ask for a later time', async () => {
    const world = await started()
    const { alarms, clock, until, rung } = world
    const alarm = anAlarm('again', clock.now())
    let asked = 0
    world.handle = async () => {
      if (rung.length > 2) return undefined
      asked = clock.now() + (rung.length === 1 ? 300 : HOUR)
      return asked
    }
    await alarms.ring(alarm)
    await until(2)
    expect(rung[1]?.at).toBeGreaterThanOrEqual((rung[0]?.at ?? 0) + 300)
    await alarms.settle()
    expect(rung).toHaveLength(2)
    clock.advance(HOUR)
    await alarms.settle()
    expect(rung).toHaveLength(3)
    expect(rung[2]?.alarm).toEqual(alarm)
  })

  test('a handler that throws is tried again, a growing while later', async () => {
    const world = await started()
    const { alarms, clock, until, rung, logged } = world
    world.handle = async () => {
      if (rung.length < 4) throw new Error('not now')
      return undefined
    }
    await alarms.ring(anAlarm('failing', clock.now()))
    await until(4)
    const pauses = rung.slice(1).map(({ at }, i) => at - (rung[i]?.at ?? 0))
    expect(pauses[0]).toBeGreaterThanOrEqual(250)
    expect(pauses[1]).toBeGreaterThanOrEqual(500)
    expect(pauses[2]).toBeGreaterThanOrEqual(1000)
    expect(pauses[2]).toBeLessThan(2500)
    expect(logged.filter((line) => line.includes('failed'))).toHaveLength(3)
    await alarms.settle()
    expect(rung).toHaveLength(4)
  })

  test('a slow handler holds up no other alarm', async () => {
    const world = await started()
    const { alarms, clock, until } = world
    let free: () => void = () => undefined
    const slow = new Promise<undefined>((resolve) => {
      free = () => resolve(undefined)
    })
    world.handle = async ({ id }) => (id === 'slow' ? slow : undefined)
    await alarms.ring(anAlarm('slow', clock.now()))
    await until(1)
    const began = clock.now()
    for (let i = 0; i < 5; i++) await alarms.ring(anAlarm(`quick-${i}`, clock.now()))
    await until(6)
    expect(clock.now() - began).toBeLessThan(1500)
    free()
    await alarms.settle()
  })

  test('what is rung while it is being handled is handled again, not at the same time', async () => {
    const world = await started()
    const { alarms, clock, until, rung } = world
    const alarm = anAlarm('busy', clock.now())
    let atOnce = 0
    let most = 0
    world.handle = async () => {
      most = Math.max(most, ++atOnce)
      await clock.sleep(rung.length === 1 ? 700 : 10)
      atOnce--
      return undefined
    }
    await alarms.ring(alarm)
    await until(1)
    await Promise.all([alarms.ring(alarm), alarms.ring(alarm), alarms.ring(alarm)])
    await alarms.settle()
    expect(rung).toHaveLength(2)
    expect(most).toBe(1)
  })

  test('what is rung for a reason that was there before is handled once, also where it is being handled already', async () => {
    const world = await started()
    const { alarms, clock, until, rung } = world
    const now = clock.now()
    const alarm = anAlarm('first', now)
    const later = anAlarm('later', now + HOUR)
    let free: () => void = () => undefined
    const held = new Promise<undefined>((resolve) => {
      free = () => resolve(undefined)
    })
    world.handle = async ({ id }) => (id === 'first' ? held : undefined)
    await alarms.ringFirst(later)
    await Promise.all([alarms.ringFirst(alarm), alarms.ringFirst(alarm)])
    await until(1)
    await Promise.all([alarms.ringFirst(alarm), alarms.ringFirst(alarm)])
    free()
    await alarms.settle()
    expect(ids(world)).toEqual(['first'])
    clock.advance(HOUR)
    await alarms.settle()
    expect(ids(world)).toEqual(['first', 'later'])
    // What was handled can be rung anew.
    await alarms.ringFirst(alarm)
    await until(3)
    expect(rung[2]?.alarm).toEqual(alarm)
  })

  test('what is rung for such a reason while it waits for another try is tried at its time', async () => {
    const world = await started()
    const { alarms, clock, until, rung } = world
    const alarm = anAlarm('failing', clock.now())
    let isFailing = true
    let done = 0
    world.handle = async () => {
      if (isFailing) throw new Error('not now')
      done += 1
      return undefined
    }
    await alarms.ringFirst(alarm)
    while ((await alarms.depths())[0]?.state !== 'delayed') await clock.sleep(5)
    await alarms.ringFirst(alarm)
    isFailing = false
    const tries = rung.length
    await until(tries + 1)
    await alarms.settle()
    expect(done).toBe(1)
    const [before, after] = rung.slice(-2)
    expect(after!.at - before!.at).toBeGreaterThanOrEqual(250)
  })

  test('while paused nothing is handed out, and pausing waits for what is being handled', async () => {
    const world = await started()
    const { alarms, clock, until, rung } = world
    let isDone = false
    world.handle = async () => {
      await clock.sleep(200)
      isDone = true
      return undefined
    }
    await alarms.ring(anAlarm('before', clock.now()))
    await until(1)
    await alarms.pause()
    expect(isDone).toBe(true)
    await alarms.ring(anAlarm('meanwhile', clock.now()))
    await clock.sleep(500)
    expect(rung).toHaveLength(1)
    alarms.resume()
    await until(2)
    await alarms.pause()
    alarms.resume()
    await alarms.ring(anAlarm('after', clock.now()))
    await until(3)
  })

  test('what rings belongs to what rang it, also after failures, and so does what it rings in turn', async () => {
    const world = await started()
    const { alarms, clock, rung } = world
    const seen: unknown[] = []
    world.handle = async ({ id }) => {
      seen.push([id, correlationNow()])
      if (rung.length === 1) throw new Error('for once')
      if (id === 'first') await alarms.ring(anAlarm('second', clock.now(), 'announce'))
      return rung.length === 3 ? clock.now() : undefined
    }
    const first = anAlarm('first', clock.now() + HOUR)
    await correlated({ trace: 'abc', update: 7 }, () => alarms.ring(first))
    // It waits already, so whoever rings it now joins in.
    await correlated({ trace: 'other' }, () => alarms.ring(first))
    clock.advance(HOUR + MINUTE)
    await alarms.settle()
    clock.advance(MINUTE)
    await alarms.settle()
    expect(seen).toEqual([
      ['first', { trace: 'abc', alarm: 'close' }],
      ['first', { trace: 'abc', alarm: 'close' }],
      ['second', { trace: 'abc', alarm: 'announce' }],
      ['second', { trace: 'abc', alarm: 'announce' }],
    ])
  })

  test('what nobody is known to have rung, as by an older version, has a trace of its own', async () => {
    const world = await started()
    const { alarms, clock, database } = world
    const seen: unknown[] = []
    world.handle = async () => void seen.push(correlationNow())
    await correlated({ trace: 'abc' }, () => alarms.ring(anAlarm('old', clock.now() + HOUR)))
    await database.pool.query("UPDATE bullmq.job SET data = data - 'trace'")
    await alarms.ring(anAlarm('nobody', clock.now() + HOUR))
    clock.advance(HOUR)
    await alarms.settle()
    expect(seen).toHaveLength(2)
    for (const one of seen) expect(one).toEqual({ trace: expect.stringMatching(/^[\w-]{10}$/), alarm: 'close' })
  })

  test('it tells how late it was, and what became of it', async () => {
    const world = await started()
    const { alarms, clock, told, rung } = world
    world.handle = async ({ id }) => {
      if (id === 'failing' && rung.length === 1) throw new Error('for once')
      return undefined
    }
    await alarms.ring(anAlarm('failing', clock.now() - MINUTE))
    await alarms.settle()
    clock.advance(MINUTE)
    await alarms.settle()
    expect(told.map(([kind, outcome]) => [kind, outcome])).toEqual([
      ['close', 'failed'],
      ['close', 'done'],
    ])
    expect(told[0]![2]).toBeGreaterThanOrEqual(MINUTE)
    expect(told[1]![2]).toBeLessThanOrEqual(MINUTE)
    world.handle = async () => (rung.length < 4 ? clock.now() : undefined)
    await alarms.ring(anAlarm('again', clock.now(), 'paint'))
    await alarms.settle()
    expect(told.slice(2).map(([kind, outcome]) => [kind, outcome])).toEqual([
      ['paint', 'again'],
      ['paint', 'done'],
    ])
  })

  test('what waits can be counted, by what it waits for', async () => {
    world = await openWorld((await place.create()).open)
    const { alarms, clock } = world
    expect(await alarms.depths()).toEqual([])
    const now = clock.now()
    for (const id of ['a', 'b']) await alarms.ring(anAlarm(id, now + HOUR))
    await alarms.ring(anAlarm('c', now - 1000, 'archive'))
    await alarms.ring(anAlarm('d', now + 5000))
    clock.advance(6000)
    const depths = await alarms.depths()
    expect(depths.map(({ kind, state, count }) => [kind, state, count])).toEqual([
      ['archive', 'waiting', 1],
      ['close', 'delayed', 2],
      ['close', 'waiting', 1],
    ])
    expect(depths[0]!.overdueMs).toBeGreaterThanOrEqual(7000)
    expect(depths[1]!.overdueMs).toBe(0)
    expect(depths[2]!.overdueMs).toBeGreaterThanOrEqual(1000)
    expect(depths[2]!.overdueMs).toBeLessThan(60_000)
    let midst: unknown[] = []
    world.handle = async ({ id }) => {
      if (id === 'c') midst = await alarms.depths()
      return undefined
    }
    await world.start()
    await alarms.settle()
    expect(midst).toContainEqual({ kind: 'archive', state: 'active', count: 1, overdueMs: 0 })
  })

  test('an alarm set before a restart rings after it', async () => {
    const { open } = await place.create()
    const first = await openWorld(open)
    await first.alarms.ring(anAlarm('kept', first.clock.now() + 1500))
    await first.alarms.ring(anAlarm('overdue', first.clock.now() + 100))
    await first.close()
    await first.clock.sleep(200)
    world = await openWorld(open)
    await world.start()
    await world.until(2)
    // On a slow machine both are due by the time it is open again.
    expect(ids(world).sort()).toEqual(['kept', 'overdue'])
    for (const { at, alarm } of world.rung) expect(at).toBeGreaterThanOrEqual(alarm.at)
  })

  test('hundreds due at once are all handled, each once', async () => {
    const world = await started()
    const { alarms, clock } = world
    const at = clock.now() + 100
    await Promise.all(Array.from({ length: 400 }, (_, i) => alarms.ring(anAlarm(`n${i}`, at))))
    await world.until(400)
    await alarms.settle()
    expect(new Set(ids(world)).size).toBe(400)
    expect(ids(world)).toHaveLength(400)
    const { rows } = await world.database.pool.query('SELECT count(*) AS jobs FROM bullmq.job')
    expect(rows).toEqual([{ jobs: 0 }])
  })
}

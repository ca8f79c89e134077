import { beforeAll, beforeEach, expect, test } from 'vitest'
import { carryOut } from '../../src/actions/carry-out.ts'
import type { Deps } from '../../src/actions/deps.ts'
import { takeLateResult } from '../../src/actions/late-result.ts'
import { sweep } from '../../src/actions/sweep.ts'
import { shiftPrice } from '../../src/domain/money.ts'
import type { Order } from '../../src/domain/order.ts'
import { HOUR, MINUTE, SECOND } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { createLog } from '../../src/lib/log.ts'
import { createGroups } from '../../src/storage/groups.ts'
import { OrderNotSent, type Outcome } from '../../src/trading/executor.ts'
import type { Ledger } from '../../src/trading/ledger.ts'
import { createSimulatedPrices } from '../../src/trading/simulated-prices.ts'
import { verifyBooks } from '../../src/trading/sql-verify.ts'
import { createWebhookExecutor } from '../../src/trading/webhook.ts'
import { aChatId, onEveryDatabase } from '../contracts/records.ts'
import { createBell } from '../support/bell.ts'
import { type Receiver, SECRET, startReceiver } from '../support/receiver.ts'
import { aBuy, ledgerOf, record } from '../trading/desk.ts'

/** What happens in the last moment before an order is sent, placed exactly by standing between the action and the ledger. */
onEveryDatabase((shared) => {
  let receiver: Receiver
  let groupId: string
  let order: Order
  beforeAll(async () => {
    receiver = await startReceiver(shared.clock)
    return () => receiver.stop()
  })
  beforeEach(async () => {
    const { database, clock } = shared
    groupId = (await createGroups(database.db, clock).ensure(aChatId(), 'Traders')).id
    const prices = createSimulatedPrices({ seed: 'x', clock })
    const reference = { ...(await prices.current('BONK'))!, source: 'simulated' }
    const facts = { venue: 'webhook', reference }
    order = await record(ledgerOf(database), aBuy(groupId, [[1, '0.5']], facts, clock.now()))
  })

  const depsWith = (ledger: Partial<Ledger> = {}): Deps => {
    const { clock } = shared
    const deps: Partial<Deps> = {
      ledger: { ...ledgerOf(shared.database), ...ledger },
      prices: createSimulatedPrices({ seed: 'x', clock }),
      executor: createWebhookExecutor({ url: receiver.url, secret: SECRET, allowPrivate: true, clock }),
      trading: {
        venue: 'webhook',
        groups: undefined,
        currency: 'SOL',
        delayMs: 0,
        perTrade: undefined,
        perDay: undefined,
        tokens: undefined,
        bandPercent: '5',
        startingBalance: undefined,
      },
      alarms: createBell(),
      clock,
      log: createLog('silent', []),
    }
    return deps as Deps
  }

  /** Does something right before, or right after, it is written down that the order is sent. */
  const around = (
    moment: { before?: (ledger: Ledger) => Promise<unknown>; after?: () => void },
    ledger = ledgerOf(shared.database),
  ): Deps =>
    depsWith({
      async advance(seen, change) {
        if (change.state === 'sent') await moment.before?.(ledger)
        const changed = await ledger.advance(seen, change)
        if (change.state === 'sent') moment.after?.()
        return changed
      },
    })

  const now = () => ledgerOf(shared.database).order(order.id)
  const placed = () => receiver.messages.filter(({ type, data }) => type === 'order.place' && data.id === order.id)

  async function expectSentOnce() {
    expect(await now()).toMatchObject({ state: 'filled', attempts: 1 })
    expect(placed()).toHaveLength(1)
    expect(receiver.executions(order.id)).toBe(1)
    expect(await verifyBooks(shared.database.db)).toEqual([])
  }

  test('a price that has left the band refuses it, and tells how far it went and how far it may', async () => {
    const price = shiftPrice(order.reference!.price, '-10')
    const deps = depsWith()
    const current = async () => ({ price, at: deps.clock.now() })
    await carryOut({ ...deps, prices: { ...deps.prices, current } }, order)
    const detail = `${order.reference!.price} → ${price} (−10.00%) ±5%`
    expect(await now()).toMatchObject({ state: 'refused', reason: 'price_moved', detail })
    expect(placed()).toEqual([])
  })

  test('an order that can still be cancelled is not sent before its card is there, however late', async () => {
    const rung: string[] = []
    const deps = depsWith()
    const delayed: Deps = {
      ...deps,
      // The prices move in an hour.
      trading: { ...deps.trading, delayMs: 30 * SECOND, bandPercent: '100' },
      alarms: createBell(({ kind }) => rung.push(kind)),
    }
    for (const late of [0, MINUTE, HOUR]) {
      shared.clock.advance(late)
      const from = shared.clock.now()
      expect(await carryOut(delayed, order)).toBeGreaterThan(from)
    }
    expect(await now()).toMatchObject({ state: 'recorded', attempts: 0 })
    expect(placed()).toEqual([])
    // It is asked for each time.
    expect(rung).toEqual(['order', 'order', 'order'])
    await ledgerOf(shared.database).noteShown(order.id, { cardMsgId: 7 })
    await carryOut(delayed, order)
    await expectSentOnce()
  })

  test('a card that can never be delivered holds up nothing', async () => {
    const deps = depsWith()
    await ledgerOf(shared.database).noteShown(order.id, { cardMsgId: 0 })
    await carryOut({ ...deps, trading: { ...deps.trading, delayMs: 30 * SECOND } }, order)
    await expectSentOnce()
  })

  test('what counted as not sent and was taken loses its button at once', async () => {
    const rung: string[] = []
    const deps: Deps = { ...depsWith(), alarms: createBell(({ kind }) => rung.push(kind)) }
    const back = async () => {
      throw new OrderNotSent('nobody is there')
    }
    await carryOut({ ...deps, executor: { ...deps.executor, place: back } }, order)
    expect(await now()).toMatchObject({ state: 'recorded', reason: 'venue_away', attempts: 1 })
    rung.length = 0
    expect(await takeLateResult(deps, order.id, { state: 'pending' })).toBe('settled')
    expect(await now()).toMatchObject({ state: 'sent', reason: 'accepted', attempts: 1 })
    expect(rung).toEqual(['order'])
  })

  test('what the venue says against an ended order is shown at once, and once', async () => {
    const rung: string[] = []
    await carryOut(depsWith(), order)
    const deps: Deps = { ...depsWith(), alarms: createBell(({ kind }) => rung.push(kind)) }
    const refused: Outcome = { state: 'refused', reason: 'venue_refused' }
    for (let times = 0; times < 2; times++) expect(await takeLateResult(deps, order.id, refused)).toBe('already')
    expect(rung).toEqual(['order'])
    expect(await now()).toMatchObject({ state: 'filled', contradiction: '' })
  })

  test('of many that are about to send the same order, one does', async () => {
    const COUNT = 6
    let waiting = 0
    let go = () => {}
    const all = new Promise<void>((resolve) => {
      go = resolve
    })
    // Each has read the order, and found that it is to be sent, before any writes it down.
    const together = async () => {
      waiting += 1
      if (waiting === COUNT) go()
      await all
    }
    const rivals = Array.from({ length: COUNT }, () => around({ before: together }))
    await Promise.all(rivals.map((deps) => carryOut(deps, order)))
    await expectSentOnce()
  })

  test('a halt in the last moment stops it, and what was stopped is sent when it goes on', async () => {
    await carryOut(around({ before: (ledger) => ledger.setHalted(groupId, true, 1) }), order)
    expect(await now()).toMatchObject({ state: 'recorded', attempts: 0 })
    expect(placed()).toEqual([])
    await ledgerOf(shared.database).setHalted(groupId, false, 2)
    await carryOut(depsWith(), order)
    await expectSentOnce()
  })

  test('a cancellation in the last moment ends it', async () => {
    const cancelled = { state: 'cancelled', reason: 'cancelled_by_admin' } as const
    const settle = (ledger: Ledger) => ledger.settle(order.id, ['recorded'], cancelled, shared.clock.now())
    await carryOut(around({ before: settle }), order)
    expect(await now()).toMatchObject({ state: 'cancelled', attempts: 0 })
    expect(placed()).toEqual([])
  })

  test('who was held up after writing it down does not send it any more, but begins anew', async () => {
    await carryOut(around({ after: () => shared.clock.advance(20 * SECOND) }), order)
    expect(await now()).toMatchObject({ state: 'recorded', reason: 'venue_away', attempts: 1 })
    expect(placed()).toEqual([])
    shared.clock.advance(2 * MINUTE)
    await carryOut(depsWith(), order)
    expect(await now()).toMatchObject({ state: 'filled', attempts: 2 })
    expect(placed()).toHaveLength(1)
  })

  test('who learns late that its sending failed does not put back what another has sent again', async () => {
    const deps = depsWith()
    const ledger = ledgerOf(shared.database)
    const place = async () => {
      const dueAt = shared.clock.now()
      const back = await ledger.advance((await now())!, { state: 'recorded', dueAt })
      await ledger.advance(back!, { state: 'sent', sentAt: dueAt, attempts: 2, dueAt })
      throw new OrderNotSent('the sending was held up for too long')
    }
    await carryOut({ ...deps, executor: { ...deps.executor, place } }, order)
    expect(await now()).toMatchObject({ state: 'sent', attempts: 2, reason: null })
  })

  test.each<[string, Outcome]>([
    ['refused', { state: 'refused', reason: 'venue_refused' }],
    ['done', { state: 'done', fill: { quantity: 1000n, quote: 1n, fee: 0n, venueId: null }, isPartial: false }],
    ['taken', { state: 'pending' }],
  ])('who learns late that its sending was %s does not say so of a later one', async (_, outcome) => {
    const deps = depsWith()
    const ledger = ledgerOf(shared.database)
    const place = async () => {
      const dueAt = shared.clock.now()
      const back = await ledger.advance((await now())!, { state: 'recorded', dueAt })
      await ledger.advance(back!, { state: 'sent', sentAt: dueAt, attempts: 2, dueAt })
      return outcome
    }
    // A price at which what was done could be true.
    const price = { price: '0.001', at: shared.clock.now() }
    const prices = { ...deps.prices, current: async () => price }
    const trading = { ...deps.trading, bandPercent: '100000' }
    await carryOut({ ...deps, prices, trading, executor: { ...deps.executor, place } }, order)
    expect(await now()).toMatchObject({ state: 'sent', attempts: 2, reason: null })
    expect(await verifyBooks(shared.database.db)).toEqual([])
  })

  test('the sweep rings what has ended and was never told, also where the card shows it', async () => {
    const ledger = ledgerOf(shared.database)
    await ledger.settle(
      order.id,
      ['recorded'],
      { state: 'cancelled', reason: 'cancelled_by_admin' },
      shared.clock.now(),
    )
    const { version } = (await now())!
    await ledger.noteShown(order.id, { cardMsgId: 7, shownVersion: version, toldState: 'recorded' })
    const rung: string[] = []
    const deps = {
      ...depsWith(),
      registry: { due: async () => [] } as Partial<Deps['registry']> as Deps['registry'],
      store: { readMany: async () => new Map() } as Partial<Deps['store']> as Deps['store'],
      alarms: createBell(({ kind, id }) => rung.push(`${kind} ${id}`)),
    }
    await sweep(deps, 'due')
    expect(rung.filter((one) => one.endsWith(order.id))).toEqual([`order ${order.id}`])
    await ledger.noteShown(order.id, { toldState: 'cancelled' })
    rung.length = 0
    await sweep(deps, 'due')
    expect(rung.filter((one) => one.endsWith(order.id))).toEqual([])
  })

  test.each<[string, Outcome]>([
    ['took', { state: 'pending' }],
    [
      'answered in a way that cannot be true',
      { state: 'done', fill: { quantity: 1n, quote: 10n ** 18n, fee: 0n, venueId: null }, isPartial: false },
    ],
  ])('what the venue once %s is never sent again, though it is silent and then denies it', async (_, outcome) => {
    const deps = depsWith()
    const found = { absent: true, placings: 0 }
    const venue: Deps = {
      ...deps,
      executor: {
        ...deps.executor,
        place: async () => {
          found.placings += 1
          return outcome
        },
        find: async () => {
          if (!found.absent) throw new Unavailable('no answer')
          return 'absent'
        },
      },
    }
    for (const absent of [true, false, true, true]) {
      found.absent = absent
      for (let looks = 0; looks < 8; looks++) {
        await carryOut(venue, order)
        shared.clock.advance(HOUR / 2)
      }
    }
    expect(await now()).toMatchObject({ state: 'unknown', attempts: 1 })
    expect(found.placings).toBe(1)
  })
})

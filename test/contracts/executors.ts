import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { unitsOf } from '../../src/domain/money.ts'
import { type Fill, fillProblem } from '../../src/domain/order.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import {
  type Executor,
  OrderNotSent,
  type OrderRequest,
  OrderUnknown,
  type Outcome,
} from '../../src/trading/executor.ts'

/**
 * - `refuses`: the venue says no to every new order
 * - `away`: it cannot be reached
 * - `loses_orders`: what is sent arrives, and is lost before anything is done
 * - `loses_answers`: the order is carried out, and the answer is lost
 * - `never_answers`: the order is carried out, and the connection stays silent for longer than the executor waits
 */
export type VenueFault = 'refuses' | 'away' | 'loses_orders' | 'loses_answers' | 'never_answers'

export type ExecutorWorld = {
  executor: Executor
  /** Another instance for the same venue, as another process has one. */
  another(): Executor
  /** An order under a fresh id, which the venue carries out at once when nothing is wrong with it. */
  request(overrides?: Partial<OrderRequest>): OrderRequest
  /** How often the venue carried out an order with this id, counted at its own side. */
  executions(id: string): Promise<number>
  /** What is wrong with the venue from now on; undefined: nothing any more. */
  fail(fault: VenueFault | undefined): Promise<void>
  close(): Promise<void>
}

export type ExecutorFlags = {
  venue: Executor['venue']
  isReal: boolean
  /** The faults that this venue can have. */
  faults: readonly VenueFault[]
  /** False where a venue takes one order twice when two processes send it at the same moment; the ledger lets only one. */
  settlesRaces?: false
}

const isFill = (outcome: unknown): outcome is Extract<Outcome, { state: 'done' }> =>
  (outcome as Outcome | undefined)?.state === 'done'

const fillOf = (outcome: unknown): Fill => {
  if (!isFill(outcome)) throw new Error(`not carried out: ${JSON.stringify(outcome)}`)
  return outcome.fill
}

const problemOf = (request: OrderRequest, outcome: unknown) =>
  fillProblem({ side: request.side, asked: request.amount }, fillOf(outcome))

/** What every executor keeps to. One world for each test. */
export function executorContract(name: string, makeWorld: () => Promise<ExecutorWorld>, flags: ExecutorFlags): void {
  describe(`${name} keeps the executor's contract`, () => {
    let world: ExecutorWorld
    beforeEach(async () => {
      world = await makeWorld()
    })
    afterEach(() => world.close())

    test('it says what it is', () => {
      const { venue, isReal, graceMs } = world.executor
      expect({ venue, isReal }).toEqual({ venue: flags.venue, isReal: flags.isReal })
      expect(graceMs).toBeGreaterThanOrEqual(0)
    })

    test.each(['buy', 'sell'] as const)('a %s is carried out once, and answered', async (side) => {
      const request = world.request({ side })
      const outcome = await world.executor.place(request)
      expect(problemOf(request, outcome)).toBeUndefined()
      expect(await world.executions(request.id)).toBe(1)
    })

    test('the same order again is the same trade', async () => {
      const request = world.request()
      const first = await world.executor.place(request)
      expect(fillOf(await world.executor.place(request))).toEqual(fillOf(first))
      expect(fillOf(await world.another().place(request))).toEqual(fillOf(first))
      expect(await world.executions(request.id)).toBe(1)
    })

    const rivals = flags.settlesRaces === false ? 'one instance' : 'two instances'
    test(`the same order many times at once, from ${rivals}, is one trade`, async () => {
      const request = world.request()
      const executors = [world.executor, flags.settlesRaces === false ? world.executor : world.another()]
      const placings = Array.from({ length: 8 }, (_, index) => executors[index % 2]!.place(request))
      const results = await Promise.allSettled(placings)
      expect(await world.executions(request.id)).toBe(1)
      const truth = fillOf(await world.executor.find(request))
      for (const result of results) {
        if (result.status === 'fulfilled') expect(fillOf(result.value)).toEqual(truth)
        else expect(result.reason).toBeInstanceOf(OrderUnknown)
      }
    })

    test('different orders do not touch each other', async () => {
      const requests = Array.from({ length: 4 }, () => world.request())
      await Promise.all(requests.map((request) => world.executor.place(request)))
      for (const { id } of requests) expect(await world.executions(id)).toBe(1)
    })

    test.each(['buy', 'sell'] as const)('a %s is found as it was answered, also by another instance', async (side) => {
      const request = world.request({ side })
      const placed = await world.executor.place(request)
      expect(await world.executor.find(request)).toEqual(placed)
      expect(await world.another().find(request)).toEqual(placed)
      expect(await world.executions(request.id)).toBe(1)
    })

    test('an order that was never sent is absent, and looking for it does nothing', async () => {
      const request = world.request()
      expect(await world.executor.find(request)).toBe('absent')
      expect(await world.executions(request.id)).toBe(0)
      expect(fillOf(await world.executor.place(request))).toBeDefined()
    })

    test('a fill never exceeds what was asked', async () => {
      const amounts = fc.bigInt({ min: 1n, max: unitsOf('3') })
      const sides = fc.constantFrom('buy' as const, 'sell' as const)
      const property = fc.asyncProperty(sides, amounts, async (side, amount) => {
        const request = world.request({ side, amount })
        const outcome = await world.executor.place(request)
        expect(await world.executions(request.id)).toBe(isFill(outcome) ? 1 : 0)
        if (isFill(outcome)) expect(problemOf(request, outcome)).toBeUndefined()
        else expect(outcome).toMatchObject({ state: 'refused' })
      })
      await fc.assert(property, { numRuns: 25, endOnFailure: true })
    })

    const withFault = (fault: VenueFault, what: string, run: () => Promise<void>) => {
      if (flags.faults.includes(fault)) test(what, run)
    }

    withFault('refuses', 'an order that the venue refuses is answered so, and not carried out', async () => {
      const request = world.request()
      await world.fail('refuses')
      expect(await world.executor.place(request)).toMatchObject({ state: 'refused' })
      expect(await world.executions(request.id)).toBe(0)
      const found = await world.executor.find(request)
      expect(found === 'absent' || (found !== 'cannot_tell' && found.state === 'refused')).toBe(true)
    })

    withFault('away', 'a venue that is away was sent nothing', async () => {
      const request = world.request()
      await world.fail('away')
      await expect(world.executor.place(request)).rejects.toBeInstanceOf(OrderNotSent)
      await expect(world.executor.find(request)).rejects.toBeInstanceOf(Unavailable)
      await world.fail(undefined)
      expect(await world.executions(request.id)).toBe(0)
      expect(problemOf(request, await world.executor.place(request))).toBeUndefined()
      expect(await world.executions(request.id)).toBe(1)
    })

    withFault('loses_orders', 'an order that was lost on its way is unknown until the venue is asked', async () => {
      const request = world.request()
      await world.fail('loses_orders')
      await expect(world.executor.place(request)).rejects.toBeInstanceOf(OrderUnknown)
      await world.fail(undefined)
      expect(await world.executor.find(request)).toBe('absent')
      expect(await world.executions(request.id)).toBe(0)
      expect(problemOf(request, await world.executor.place(request))).toBeUndefined()
      expect(await world.executions(request.id)).toBe(1)
    })

    for (const fault of ['loses_answers', 'never_answers'] as const)
      withFault(fault, `a venue that ${fault.replace('_', ' ')} leaves the order unknown, and then tells`, async () => {
        const request = world.request()
        await world.fail(fault)
        await expect(world.executor.place(request)).rejects.toBeInstanceOf(OrderUnknown)
        await world.fail(undefined)
        expect(await world.executions(request.id)).toBe(1)
        const found = await world.executor.find(request)
        expect(problemOf(request, found)).toBeUndefined()
        expect(fillOf(await world.another().place(request))).toEqual(fillOf(found))
        expect(await world.executions(request.id)).toBe(1)
      })
  })
}

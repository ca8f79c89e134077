import { expect, test } from 'vitest'
import { Unavailable } from '../../src/lib/errors.ts'
import { silent } from '../../src/metrics/telemetry.ts'
import { createWitness } from '../../src/metrics/witness.ts'
import { OrderNotSent } from '../../src/trading/executor.ts'
import { toldExecutor, toldPrices } from '../../src/trading/told.ts'

const START = 1_767_000_000_000

function watching(remotes: ('prices' | 'executor')[] = []) {
  const clock = { now: () => now }
  let now = START
  const told: unknown[] = []
  const telemetry = {
    ...silent,
    call: (...of: unknown[]) => void told.push(of),
    remote: (...of: unknown[]) => void told.push(of),
  }
  const witness = createWitness(clock, telemetry, remotes)
  return { ...witness, told, pass: (ms: number) => (now += ms) }
}

test('Telegram is known by how its last calls went, and nothing is kept from who counts', () => {
  const { telemetry, lines, told, pass } = watching()
  expect(lines()).toEqual({ telegram: 'not asked yet' })
  telemetry.call('getMe', 'ok', 5)
  pass(3500)
  expect(lines()).toEqual({ telegram: 'ok (answered 3 s ago)' })
  for (const outcome of ['flood', 'refused'] as const) {
    telemetry.call('sendMessage', outcome, 5)
    expect(lines()).toEqual({ telegram: 'ok (answered 0 s ago)' })
  }
  telemetry.call('getUpdates', 'unavailable', 5)
  pass(60_000)
  telemetry.call('getUpdates', 'unavailable', 5)
  telemetry.call('getUpdates', 'cancelled', 5)
  pass(90_000)
  expect(lines()).toEqual({ telegram: 'away (for 2 min)' })
  telemetry.call('getUpdates', 'ok', 5)
  pass(3 * 3_600_000)
  expect(lines()).toEqual({ telegram: 'ok (answered 3 h ago)' })
  expect(told).toHaveLength(7)
})

test('of prices and venue only those are named that are elsewhere', async () => {
  const { telemetry, lines } = watching(['executor'])
  telemetry.remote('prices', true)
  telemetry.remote('executor', false)
  expect(lines()).toEqual({ telegram: 'not asked yet', executor: 'away (for 0 s)' })
})

test('a question to the source of prices or to the venue is told with whether it was answered', async () => {
  const told: [string, boolean][] = []
  const telemetry = { remote: (name: string, isAnswer: boolean) => void told.push([name, isAnswer]) }
  const ask = { price: async (): Promise<undefined> => undefined, place: async (): Promise<unknown> => ({}) }
  const prices = toldPrices(
    { source: 'x', current: () => ask.price(), history: () => ask.price() } as never,
    telemetry as never,
  )
  const executor = toldExecutor({ venue: 'v', place: () => ask.place(), find: () => ask.place() } as never, telemetry)
  expect([prices.source, executor.venue]).toEqual(['x', 'v'])
  await prices.current('BONK')
  ask.place = async () => ({ state: 'refused', reason: 'venue_refused' })
  expect(await executor.place({} as never)).toEqual({ state: 'refused', reason: 'venue_refused' })
  ask.price = async () => Promise.reject(new Unavailable('away'))
  ask.place = async () => Promise.reject(new OrderNotSent('away'))
  await expect(prices.history('BONK', [])).rejects.toThrow(Unavailable)
  await expect(executor.find({} as never)).rejects.toThrow(OrderNotSent)
  expect(told).toEqual([
    ['prices', true],
    ['executor', true],
    ['prices', false],
    ['executor', false],
  ])
})

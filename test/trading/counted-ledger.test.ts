import { expect, test } from 'vitest'
import type { Order, OrderState } from '../../src/domain/order.ts'
import { countOrders } from '../../src/trading/counted-ledger.ts'
import type { Ledger, OrderDraft } from '../../src/trading/ledger.ts'

const order = (state: OrderState, createdAt = 5): Order => ({ id: 'o1', state, version: 1, createdAt }) as Order

/** A ledger that answers one order, whatever it is asked. */
function counting(answer: Order | undefined) {
  const told: string[] = []
  const give = async () => answer
  const ledger = { recordDecision: give, advance: give, settle: give } as unknown as Ledger
  return { ledger: countOrders(ledger, { order: (state) => void told.push(state) }), told }
}

const draft = { createdAt: 5 } as OrderDraft
const nothing = {} as never

test('an order is told when it is written down, and not when that is repeated', async () => {
  const first = counting(order('recorded'))
  expect(await first.ledger.recordDecision(nothing, nothing, draft)).toMatchObject({ id: 'o1' })
  expect(first.told).toEqual(['recorded'])
  const repeated = counting(order('filled', 4))
  await repeated.ledger.recordDecision(nothing, nothing, draft)
  await counting(undefined).ledger.recordDecision(nothing, nothing, undefined)
  expect(repeated.told).toEqual([])
})

test('a step is told where it changes the state, and where this call made it', async () => {
  const { ledger, told } = counting(order('sent'))
  await ledger.advance(order('recorded'), { state: 'sent' })
  await ledger.advance(order('sent'), { dueAt: 9 })
  const lost = counting(undefined)
  await lost.ledger.advance(order('recorded'), { state: 'sent' })
  expect([told, lost.told]).toEqual([['sent'], []])
})

test('its end is told by whoever settled it', async () => {
  const [won, lost] = [counting(order('filled')), counting(undefined)]
  for (const { ledger } of [won, lost]) await ledger.settle('o1', ['sent'], nothing, 5)
  expect([won.told, lost.told]).toEqual([['filled'], []])
})

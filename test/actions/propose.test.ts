import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Deps } from '../../src/actions/deps.ts'
import { type Propose, propose } from '../../src/actions/propose.ts'
import { proposeAgain } from '../../src/actions/propose-again.ts'
import { toUnits } from '../../src/domain/amount.ts'
import { unitsOf } from '../../src/domain/money.ts'
import type { Order } from '../../src/domain/order.ts'
import { PARTICIPANT_LIMIT } from '../../src/domain/participants.ts'
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts'
import { openProposalOf, type Proposal, type Session } from '../../src/domain/session.ts'
import type { TradingRules } from '../../src/domain/trading-rules.ts'
import { MINUTE, SECOND } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { newWriteId } from '../../src/lib/ids.ts'
import { createSessionStore } from '../../src/storage/live-sessions.ts'
import type { Prices } from '../../src/trading/prices.ts'
import { createBell } from '../support/bell.ts'
import { createTestClock } from '../support/clock.ts'
import { createMemoryBackend } from '../support/memory-backend.ts'
import { aSession } from '../support/sessions.ts'

const ALICE = { id: 7, name: '@alice' }
const BOB = { id: 8, name: '@bob' }
const ORDER = 'k3f9x2abcd'
const ADDRESS = 'DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263'

/** What was asked of whom, in its order. */
let asked: string[]
let clock: ReturnType<typeof createTestClock>

beforeEach(() => {
  asked = []
  clock = createTestClock()
})

type Facts = {
  rules?: Partial<TradingRules>
  prices?: Partial<Prices>
  poorer?: [number, string][]
  holders?: { memberId: number; memberName: string; quantity: bigint }[]
  order?: Partial<Order>
}

const rulesWith = (rules: Partial<TradingRules> = {}): TradingRules => ({
  venue: 'paper',
  groups: undefined,
  currency: 'SOL',
  delayMs: 0,
  perTrade: undefined,
  perDay: undefined,
  tokens: undefined,
  bandPercent: '5',
  startingBalance: undefined,
  ...rules,
})

/** Alice and Bob take part in an open session; prices and books answer what the facts say. */
async function scene(facts: Facts = {}, session: Partial<Session> = {}) {
  const store = createSessionStore(createMemoryBackend(clock), { clock, newWriteId })
  const participants = [ALICE, BOB].map((one) => ({ ...one, update: 2 }))
  const created = aSession({ participants, msgId: 1, createdAt: clock.now(), ...session })
  await store.create(created)
  await store.reindex(created.chatId, undefined, created.id, created.expiresAt)
  const deps = {
    store,
    clock,
    registry: { expect: async () => void asked.push('registry') },
    alarms: createBell(({ kind }) => asked.push(`ring ${kind}`)),
    log: { info: () => undefined },
    botId: 9,
    stake: { least: 0.001, most: 1 },
    trading: rulesWith(facts.rules),
    prices: {
      source: 'simulated',
      staleAfterMs: MINUTE,
      tokens: undefined,
      current: async (token: string) => {
        asked.push(`price of ${token}`)
        return { price: '0.0000201', at: clock.now() - SECOND }
      },
      ...facts.prices,
    },
    ledger: {
      poorerThan: async (groupId: string, starting: bigint, below: bigint) => {
        asked.push(`poorer in ${groupId} than ${below} of ${starting}`)
        return new Map((facts.poorer ?? []).map(([id, has]) => [id, unitsOf(has)]))
      },
    },
    books: {
      holders: async (groupId: string, id: string) => {
        asked.push(`holders of ${id} in ${groupId}`)
        return facts.holders && { token: 'BONK', holders: facts.holders }
      },
      order: async (groupId: string, id: string) => {
        asked.push(`order ${id} in ${groupId}`)
        return facts.order && { order: facts.order as Order, allocations: [] }
      },
    },
  } as unknown as Deps
  return { deps, session: created, chatId: created.chatId }
}

type Scene = Awaited<ReturnType<typeof scene>>

const buy = (token = 'BONK', amount = 0.05) => ({ side: 'buy', token, amount, price: 'market' }) as const
const sell = (order = ORDER) => ({ side: 'sell', order, percent: 50 }) as const

const wish = (it: Scene, facts: Partial<Propose> = {}): Propose => ({
  chatId: it.chatId,
  by: ALICE,
  trade: buy(),
  minutes: undefined,
  messageId: 100,
  update: 100,
  saidAt: clock.now(),
  ...facts,
})

const asProposal = (outcome: Refusal | Proposal): Proposal => {
  if (isRefusal(outcome)) throw new Error(JSON.stringify(outcome))
  return outcome
}

const holding = (memberId: number, quantity = 5n) => ({ memberId, memberName: `@member${memberId}`, quantity })

describe('a purchase', () => {
  test('is proposed with the price of its token and where that is from', async () => {
    const it = await scene()
    const proposal = asProposal(await propose(it.deps, wish(it)))
    expect(proposal.reference).toEqual({ price: '0.0000201', at: expect.any(Number), source: 'simulated' })
    expect(proposal).toMatchObject({ funds: null, holders: null, open: true })
    expect(asked).toEqual(['price of BONK', 'registry', 'ring card', 'ring close'])
    expect(openProposalOf((await it.deps.store.read(it.session.id))!.session)).toEqual(proposal)
  })

  test.each([
    ['wif', {}, 'WIF'],
    ['STSOL', { rules: { tokens: ['stSOL'] } }, 'stSOL'],
    ['popcat', { prices: { tokens: ['PopCat'] } }, 'PopCat'],
    [ADDRESS, {}, ADDRESS],
  ])('of %s, with %j, asks for its price as it is spelled there', async (token, facts, spelled) => {
    const it = await scene(facts)
    const proposal = asProposal(await propose(it.deps, wish(it, { trade: buy(token) })))
    expect(proposal.text).toBe(`BUY token=${spelled} amount=0.05 price=market`)
    expect(asked[0]).toBe(`price of ${spelled}`)
  })

  test('is proposed once, and nothing is asked again, when the command is delivered again', async () => {
    const it = await scene({ rules: { startingBalance: unitsOf('10') } })
    const first = await propose(it.deps, wish(it))
    asked = []
    const away = { current: () => Promise.reject(new Error('not to be asked')) }
    const later = { ...it.deps, prices: { ...it.deps.prices, ...away } }
    expect(await propose(later, wish(it))).toEqual(first)
    expect(asked).toEqual(['ring card', 'ring close'])
  })

  test.each<[string, Partial<Propose>, Partial<Session>]>([
    ['not_participant', { by: { id: 5, name: '@eve' } }, {}],
    ['no_session', {}, { open: false }],
    ['stake_too_large', { trade: buy('BONK', 2) }, {}],
    ['token_is_currency', { trade: buy('sol') }, {}],
    ['token_not_allowed', { trade: buy('X') }, {}],
  ])('that is refused as %s asks for nothing', async (refused, facts, session) => {
    const it = await scene({ rules: { tokens: ['SOL', 'BONK'], perTrade: unitsOf('0.5') } }, session)
    expect(await propose(it.deps, wish(it, facts))).toMatchObject({ refused })
    expect(asked).toEqual([])
  })

  test('while another vote is open asks for nothing', async () => {
    const it = await scene()
    await propose(it.deps, wish(it))
    asked = []
    expect(await propose(it.deps, wish(it, { messageId: 101, update: 101 }))).toMatchObject({
      refused: 'proposal_open',
    })
    expect(asked).toEqual([])
  })

  test('of a token without a price is not opened', async () => {
    const it = await scene({ prices: { current: async () => undefined, tokens: ['WIF'] } })
    expect(await propose(it.deps, wish(it, { trade: buy('nope') }))).toEqual({
      refused: 'token_unknown',
      token: 'NOPE',
      example: '/propose "BUY token=WIF amount=0.05 price=market" 5',
    })
    expect(asked).not.toContain('registry')
  })

  test.each<[string, Partial<Prices>]>([
    ['away', { current: () => Promise.reject(new Unavailable('no answer')) }],
    ['stale', { current: async () => ({ price: '1', at: clock.now() - MINUTE - 1 }) }],
  ])('while the source of prices is %s is not opened', async (_, prices) => {
    const it = await scene({ prices })
    expect(await propose(it.deps, wish(it))).toEqual({ refused: 'price_unavailable' })
    expect((await it.deps.store.read(it.session.id))!.session.proposals).toEqual([])
  })

  test('does not wait for a price for ever', async () => {
    const it = await scene({ prices: { current: () => new Promise(() => {}) } })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const outcome = propose(it.deps, wish(it))
      await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { interval: 1 })
      await vi.advanceTimersByTimeAsync(3000)
      expect(await outcome).toEqual({ refused: 'price_unavailable' })
    } finally {
      vi.useRealTimers()
    }
  })

  test('knows who has less than the largest stake', async () => {
    const it = await scene({ rules: { startingBalance: unitsOf('10') }, poorer: [[BOB.id, '0.3']] })
    const { funds } = asProposal(await propose(it.deps, wish(it)))
    expect(funds).toEqual({ each: null, members: { [BOB.id]: 0.3 } })
    expect(asked).toContain(`poorer in group than ${toUnits(1)} of ${toUnits(10)}`)
  })

  test('names of too many only those who take part', async () => {
    const others = Array.from({ length: PARTICIPANT_LIMIT }, (_, index): [number, string] => [5000 + index, '0.1'])
    const it = await scene({ rules: { startingBalance: unitsOf('10') }, poorer: [[BOB.id, '0.3'], ...others] })
    const { funds } = asProposal(await propose(it.deps, wish(it)))
    expect(funds).toEqual({ each: null, members: { [BOB.id]: 0.3 } })
  })

  test('where everybody begins with less than that, knows what each has, those who won included', async () => {
    const poorer: [number, string][] = [
      [ALICE.id, '0.9'],
      [BOB.id, '0'],
    ]
    const it = await scene({ rules: { startingBalance: unitsOf('0.5') }, poorer })
    const { funds } = asProposal(await propose(it.deps, wish(it)))
    expect(funds).toEqual({ each: 0.5, members: { [ALICE.id]: 0.9, [BOB.id]: 0 } })
    expect(asked).toContain(`poorer in group than ${toUnits(1_000_000)} of ${toUnits(0.5)}`)
  })

  test('is delivered again while the database is away', async () => {
    const it = await scene({ rules: { startingBalance: unitsOf('10') } })
    const ledger = { ...it.deps.ledger, poorerThan: () => Promise.reject(new Unavailable('away')) }
    await expect(propose({ ...it.deps, ledger }, wish(it))).rejects.toThrow(Unavailable)
  })
})

describe('a sale', () => {
  test('is proposed with its token, its price and those who hold it', async () => {
    const it = await scene({ holders: [holding(ALICE.id), holding(99)] })
    const proposal = asProposal(await propose(it.deps, wish(it, { trade: sell('K3F9X2abcd') })))
    expect(proposal).toMatchObject({
      text: 'SELL order=k3f9x2abcd share=50%',
      trade: { side: 'sell', order: ORDER, percent: 50, token: 'BONK' },
      reference: { price: '0.0000201' },
      funds: null,
      holders: [
        { id: ALICE.id, name: '@member7' },
        { id: 99, name: '@member99' },
      ],
    })
    expect(asked).toEqual(['holders of k3f9x2abcd in group', 'price of BONK', 'registry', 'ring card', 'ring close'])
  })

  test.each<[string, Facts['holders']]>([
    ['order_unknown', undefined],
    ['nothing_held', []],
    ['nothing_held', [holding(ALICE.id, 0n)]],
    ['not_holder', [holding(BOB.id)]],
  ])('is refused as %s before a price is asked', async (refused, holders) => {
    const it = await scene(holders ? { holders } : {})
    expect(await propose(it.deps, wish(it, { trade: sell() }))).toMatchObject({ refused, order: ORDER })
    expect(asked).toEqual(['holders of k3f9x2abcd in group'])
  })

  test('of what has no price is not opened', async () => {
    const it = await scene({ holders: [holding(ALICE.id)], prices: { current: async () => undefined } })
    expect(await propose(it.deps, wish(it, { trade: sell() }))).toMatchObject({
      refused: 'token_unknown',
      token: 'BONK',
    })
  })
})

describe('once more', () => {
  /** A former proposal of this session became an order in this state. */
  const former = async (state: Order['state'], facts: Facts = {}, session: Partial<Session> = {}) => {
    const first = await scene()
    const proposal = asProposal(await propose(first.deps, wish(first, { trade: { ...buy(), cap: 2 }, minutes: 7 })))
    const closed = { ...proposal, open: false, endTime: clock.now() - MINUTE }
    asked = []
    const order = { id: ORDER, proposalId: proposal.id, state } as Order
    return scene({ order, ...facts }, { id: 'following', chatId: first.chatId - 1, proposals: [closed], ...session })
  }
  const tap = (it: Scene, by = BOB, update = 200) =>
    proposeAgain(it.deps, { chatId: it.chatId, orderId: ORDER, by, update, saidAt: clock.now() })

  test.each(['refused', 'cancelled'] as const)(
    'puts the trade of a %s order to the vote, at the price of now',
    async (state) => {
      const it = await former(state, { prices: { current: async () => ({ price: '9', at: clock.now() }) } })
      expect(asProposal(await tap(it))).toMatchObject({
        text: 'BUY token=BONK amount=0.05 price=market cap=2',
        createdBy: BOB.id,
        duration: 7,
        reference: { price: '9' },
      })
    },
  )

  test('by several at once makes one vote', async () => {
    const it = await former('refused')
    const [one, other] = (await Promise.all([tap(it, ALICE, 201), tap(it, BOB, 202)])).map(asProposal)
    expect(other!.id).toBe(one!.id)
    expect((await it.deps.store.read(it.session.id))!.session.proposals).toHaveLength(2)
    asked = []
    expect(asProposal(await tap(it, BOB, 203)).id).toBe(one!.id)
    expect(asked).toEqual(['ring card', 'ring close'])
  })

  test.each(['recorded', 'sent', 'filled', 'partly_filled', 'unknown'] as const)(
    'is refused for an order that is %s',
    async (state) => expect(await tap(await former(state))).toEqual({ refused: 'button_outdated' }),
  )

  test('is refused for an order of another group, of another session, and of a closed one', async () => {
    expect(await tap(await scene())).toEqual({ refused: 'button_outdated' })
    expect(await tap(await former('refused', {}, { proposals: [] }))).toMatchObject({ refused: 'session_over' })
    expect(await tap(await former('refused', {}, { open: false }))).toEqual({ refused: 'no_session' })
  })

  test('is refused to who does not take part, and once its vote is over', async () => {
    const it = await former('refused')
    expect(await tap(it, { id: 5, name: '@eve' })).toMatchObject({ refused: 'not_participant' })
    const again = asProposal(await tap(it, BOB, 201))
    await it.deps.store.update(it.session.id, (session) => {
      session.proposals.at(-1)!.open = false
      return { changed: true, result: undefined }
    })
    expect(await tap(it, ALICE, 202)).toEqual({ refused: 'voted_again' })
    expect(asProposal(await tap(it, BOB, 201)).id).toBe(again.id)
  })
})

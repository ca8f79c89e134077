import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PastProposal } from '../../src/actions/read-history.ts'
import type { Decision, DecisionReason, Proposal, Session, Vote } from '../../src/domain/session.ts'
import { decide, tallyOf } from '../../src/domain/tally.ts'
import { HOUR, MINUTE, SECOND } from '../../src/domain/time.ts'
import { type Trade, tradeText } from '../../src/domain/trade.ts'
import { messageText } from '../../src/sandbox/rich-text.ts'
import { readButton } from '../../src/telegram/button-data.ts'
import { HISTORY_PAGE, historyCard } from '../../src/telegram/cards/history-card.ts'
import { type Card, type Look, nameList, progressBar, timeLeft } from '../../src/telegram/cards/parts.ts'
import { proposalCard } from '../../src/telegram/cards/proposal-card.ts'
import { farewellNotice, resultNotice } from '../../src/telegram/cards/result-card.ts'
import { sessionCard } from '../../src/telegram/cards/session-card.ts'
import { LANGUAGES, textsFor } from '../../src/telegram/texts.ts'
import { anAmount, aTrade, hostileText } from '../domain/arbitraries.ts'
import { aSession, NOW } from '../domain/sessions.ts'

const look = (language: 'en' | 'ru' = 'en', now = NOW): Look => ({
  texts: textsFor(language),
  currency: 'SOL',
  stake: { least: 0.001, most: 1 },
  now,
})

/** Telegram takes it: the markup, the length, and what the buttons carry. */
function shown({ text, keyboard }: Card): string {
  for (const button of keyboard.flat()) {
    expect(button.text.length).toBeGreaterThan(0)
    if (!('callback_data' in button)) continue
    expect(Buffer.byteLength(button.callback_data)).toBeLessThanOrEqual(64)
    expect(readButton(button.callback_data)).toBeDefined()
  }
  return messageText({ text, parse_mode: 'HTML' }).text
}

const REASONS = [
  'majority',
  'threshold',
  'rejected',
  'tie',
  'no_votes',
  'no_quorum',
  'below_threshold',
  'closed_by_admin',
  'session_ended',
] as const satisfies readonly DecisionReason[]

const aProposal = (trade: Trade, facts: Partial<Proposal> = {}): Proposal => ({
  id: '3IrR2kQ1b7wz',
  text: tradeText(trade),
  type: trade.side,
  trade,
  votes: {},
  open: true,
  createdBy: 1,
  createdByUsername: '@alice',
  msgId: null,
  duration: 5,
  startTime: NOW,
  endTime: NOW + 5 * MINUTE,
  result: null,
  update: 5,
  notice: null,
  archived: false,
  reference: null,
  funds: null,
  holders: null,
  ...facts,
})

const SALE: Trade = { side: 'sell', order: 'k3f9x2abcd', percent: 50, token: 'BONK' }
const HOLDERS = [2, 3, 9].map((id) => ({ id, name: `@user${id}` }))

const aSale = (facts: Partial<Proposal> = {}): Proposal => aProposal(SALE, { holders: HOLDERS, ...facts })

const BUY: Trade = { side: 'buy', token: 'BONK', amount: 0.05, price: 'market' }

type Scene = { session: Session; proposal: Proposal; look: Look }

/** A name as `nameOf` makes it: at most 64 characters. */
const aName = hostileText(64).map((text) => [...text].slice(0, 64).join(''))

const aScene: fc.Arbitrary<Scene> = fc
  .record({
    names: fc.array(aName, { minLength: 1, maxLength: 8 }),
    count: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(300, 10_000)),
    message: hostileText(200).map((text) => [...text].slice(0, 200).join('')),
    trade: aTrade(),
    open: fc.boolean(),
    reason: fc.constantFrom(...REASONS),
    stake: anAmount(1),
    every: fc.integer({ min: 1, max: 4 }),
    language: fc.constantFrom(...LANGUAGES),
    rules: fc.constantFrom({}, { quorum: { count: 3 } }, { quorum: { percent: 50 }, threshold: 67 }),
  })
  .map(({ names, count, message, trade, open, reason, stake, every, language, rules }) => {
    const participants = Array.from({ length: count }, (_, id) => ({ id, name: names[id % names.length]!, update: 2 }))
    const ballots = participants.filter(({ id }) => id % every === 0)
    const votes: Record<string, Vote> = Object.fromEntries(
      ballots.map(({ id }) => [
        id,
        { vote: id % 3 === 0 ? 'no' : 'yes', amount: id % 3 === 0 ? 0 : stake, at: NOW, update: 9 },
      ]),
    )
    const result: Decision | null = open ? null : decide(tallyOf({ votes }, count), reason, NOW)
    const proposal = aProposal(trade.side === 'sell' ? { ...trade, token: names[0]! } : trade, {
      votes,
      open,
      result,
      createdByUsername: names[0]!,
      reference: { price: '0.000000000000000123', at: NOW, source: names[0]! },
      holders: trade.side === 'sell' ? participants.map(({ id, name }) => ({ id, name })) : null,
    })
    const session = aSession({ message, participants, rules, createdByUsername: names[0]!, proposals: [proposal] })
    return { session, proposal, look: look(language) }
  })

describe('whatever people are called and write', () => {
  test('every card is one that Telegram takes', () => {
    fc.assert(
      fc.property(aScene, ({ session, proposal, look }) => {
        const card = shown(proposalCard(session, proposal, look))
        if (proposal.trade.side === 'buy') expect(card).toContain(proposal.trade.token)
        shown(sessionCard(session, look))
        shown(sessionCard({ ...session, open: false, closeReason: 'lifetime' }, look))
        // The card of /status: the session's title over the vote.
        const title = look.texts.html('session-title', { message: session.message })
        shown({
          text: `${title}

${proposalCard(session, proposal, look).text}`,
          keyboard: [],
        })
        if (proposal.result) shown({ text: resultNotice(session, proposal, look), keyboard: [] })
        for (const closeReason of ['admin', 'lifetime', 'superseded', 'lost'] as const)
          shown({ text: farewellNotice({ ...session, closeReason }, look), keyboard: [] })
      }),
      { numRuns: 150 },
    )
  })

  test('a page of the history is one that Telegram takes', () => {
    const past: fc.Arbitrary<PastProposal> = fc
      .record({ trade: aTrade(), approved: fc.boolean(), amount: anAmount(), votes: fc.nat(10_000) })
      .map(
        ({ trade, approved, amount, votes }) =>
          ({
            text: tradeText(trade),
            approved,
            yes: votes,
            no: votes,
            yesAmount: amount,
            closedAt: NOW,
          }) as PastProposal,
      )
    fc.assert(
      fc.property(
        fc.array(past, { maxLength: HISTORY_PAGE }),
        fc.constantFrom(...LANGUAGES),
        fc.nat(5),
        (all, language, page) => {
          shown(historyCard(page, all.length + page * HISTORY_PAGE, all, look(language)))
        },
      ),
    )
  })

  test('the longest page of the history fits', () => {
    const trade: Trade = {
      side: 'buy',
      token: '🐶'.repeat(64),
      amount: 999_999.123456789,
      price: 'target:999999.123456789123456789',
      cap: 999_999.123456789,
    }
    const entry = { text: tradeText(trade), approved: true, yes: 10_000, no: 10_000, yesAmount: 9e9, closedAt: NOW }
    const all = Array.from({ length: HISTORY_PAGE }, () => entry as PastProposal)
    for (const language of LANGUAGES)
      expect(shown(historyCard(500, 10_000, all, { ...look(language), currency: 'x'.repeat(12) })).length).toBeLessThan(
        4096,
      )
  })
})

test('the history tells of a sale without a stake', () => {
  const facts = { yes: 2, no: 1, yesAmount: 0, closedAt: NOW, reason: 'majority' }
  const past = (text: string, approved: boolean) => ({ ...facts, text, approved }) as PastProposal
  const page = [
    past('SELL order=k3f9x2abcd', true),
    { ...past('SELL order=k3f9x2abcd share=50%', false), token: '<BONK>' },
  ]
  const text = shown(historyCard(0, 2, page, look()))
  expect(text).toMatch(/SELL order k3f9x2abcd · 2 yes, 1 no · \d/)
  expect(text).toContain('SELL 50% of <BONK> (order k3f9x2abcd) · 2 yes, 1 no')
  expect(text).not.toContain('SOL')
})

describe('the session’s card', () => {
  const participants = [
    { id: 1, name: '@alice', update: 2 },
    { id: 2, name: '<b>Bob</b>', update: 3 },
  ]

  test('lists who takes part, and offers to join', () => {
    const session = aSession({ participants, rules: { quorum: { count: 3 }, threshold: 60 } })
    const card = sessionCard(session, look())
    const text = shown(card)
    for (const part of [
      'Buy BONK token',
      '@admin',
      '2 participants',
      '@alice, <b>Bob</b>',
      '5 minutes',
      '3 votes',
      '60%',
    ])
      expect(text).toContain(part)
    expect(card.keyboard.flat().map((one) => one.text)).toEqual(['Join', 'Skip'])
  })

  test('closed, has no buttons and says how many decisions there were', () => {
    const result = decide(tallyOf({ votes: {} }, 2), 'no_votes', NOW)
    const proposals = [aProposal(BUY, { open: false, result })]
    const card = sessionCard(aSession({ participants, proposals, open: false, closeReason: 'admin' }), look())
    expect(shown(card)).toMatch(/Closed by an admin[\s\S]*1 decision/)
    expect(card.keyboard).toEqual([])
  })

  test('says in plain words that nobody has joined', () => {
    expect(shown(sessionCard(aSession(), look()))).toContain('Nobody has joined yet')
  })
})

describe('the proposal’s card', () => {
  const participants = [1, 2, 3, 4].map((id) => ({ id, name: `@user${id}`, update: 2 }))
  const votes: Record<string, Vote> = {
    1: { vote: 'yes', amount: 0.1, at: NOW, update: 10 },
    2: { vote: 'yes', amount: 0.2, at: NOW, update: 11 },
    3: { vote: 'no', amount: 0, at: NOW, update: 12 },
  }
  const session = aSession({ participants })

  test('shows the vote as it stands, and the stakes to choose from', () => {
    const card = proposalCard(session, aProposal({ ...BUY, cap: 2 }, { votes }), look())
    const text = shown(card)
    for (const part of [
      'BUY BONK',
      '0.05 SOL',
      'Price: market',
      'Yes 2',
      'No 1',
      '3 of 4',
      '0.3 SOL',
      'cap 2 SOL',
      '@alice',
      'in 5 minutes',
    ])
      expect(text).toContain(part)
    const labels = card.keyboard.map((row) => row.map((one) => one.text))
    expect(labels).toEqual([['✅ Yes 0.05', '✅ Yes 0.1', '✅ Yes 0.25'], ['❌ No']])
    const data = card.keyboard.flat().map((one) => ('callback_data' in one ? readButton(one.callback_data) : undefined))
    expect(data).toMatchObject([{ verb: 'yes', amount: 0.05 }, { amount: 0.1 }, { amount: 0.25 }, { verb: 'no' }])
  })

  test.each([
    [
      'simulated',
      'Price when proposed: 0.0000201 SOL (simulated)',
      'Цена при предложении: 0.0000201 SOL (смоделирована)',
    ],
    ['kraken', 'Price when proposed: 0.0000201 SOL (kraken)', 'Цена при предложении: 0.0000201 SOL (kraken)'],
  ])('shows the price that was seen, and that it is from %s', (source, english, russian) => {
    const proposal = aProposal(BUY, { reference: { price: '0.0000201', at: NOW, source } })
    expect(shown(proposalCard(session, proposal, look()))).toContain(english)
    expect(shown(proposalCard(session, proposal, look('ru')))).toContain(russian)
  })

  test('of a sale shows what is sold, of which order, and who may vote on it', () => {
    const votes: Record<string, Vote> = { 9: { vote: 'yes', amount: 0, at: NOW, update: 10 } }
    const card = proposalCard(session, aSale({ votes }), look())
    const text = shown(card)
    for (const part of [
      'SELL 50% of BONK (order k3f9x2abcd)',
      'Price: market',
      'Only its 3 holders vote: @user2, @user3, @user9',
      'Yes 1 · ❌ No 0 · ⏳ to vote 2',
      '1 of 3 voted',
    ])
      expect(text).toContain(part)
    for (const part of ['Pledged', 'stake', '/vote yes', 'undefined']) expect(text).not.toContain(part)
    expect(card.keyboard.map((row) => row.map((one) => one.text))).toEqual([['✅ Yes'], ['❌ No']])
    const data = card.keyboard.flat().map((one) => ('callback_data' in one ? readButton(one.callback_data) : undefined))
    expect(data).toMatchObject([{ verb: 'yes', amount: 0 }, { verb: 'no' }])
    expect(shown(proposalCard(session, aSale(), look('ru')))).toContain('Голосуют только 3 владельца: @user2')
  })

  test('of a sale of everything names no share, and one holder is one', () => {
    const whole = aProposal({ ...SALE, percent: 100 } as Trade, { holders: HOLDERS.slice(0, 1) })
    const text = shown(proposalCard(session, whole, look()))
    expect(text).toContain('SELL BONK (order k3f9x2abcd)')
    expect(text).toContain('Only its holder votes: @user2')
  })

  test('of a sale asks for the votes of its holders', () => {
    const rules = { quorum: { count: 5 }, threshold: 60 }
    expect(shown(proposalCard({ ...session, rules }, aSale(), look()))).toContain('Quorum: at least 3 votes.')
    const percent = { quorum: { percent: 50 } }
    expect(shown(proposalCard({ ...session, rules: percent }, aSale(), look()))).toContain('50% of the holders')
  })

  test('says when everybody has voted', () => {
    const proposal = aProposal(BUY, { endTime: NOW + 10 * SECOND })
    expect(shown(proposalCard(session, proposal, look()))).toContain('Everybody has voted')
    expect(shown(proposalCard(session, proposal, look()))).toContain('in 10 seconds')
  })

  test('decided, tells the decision, its reason, and who voted what', () => {
    const result = decide(tallyOf({ votes }, 4), 'majority', NOW)
    const card = proposalCard(session, aProposal(BUY, { votes, open: false, result }), look())
    const text = shown(card)
    for (const part of [
      'Approved: BUY BONK',
      'More participants said yes',
      '@user1 (0.1), @user2 (0.2)',
      'No: @user3',
      '@user4',
      '0.3 SOL',
    ])
      expect(text).toContain(part)
    expect(card.keyboard).toEqual([])
  })

  test('of a sale, decided, tells who of the holders voted what, and what happens next', () => {
    const votes: Record<string, Vote> = {
      3: { vote: 'yes', amount: 0, at: NOW, update: 10 },
      9: { vote: 'yes', amount: 0, at: NOW, update: 11 },
    }
    const result = decide(tallyOf({ votes }, 3), 'majority', NOW)
    const sale = aSale({ votes, open: false, result })
    const text = shown(proposalCard(session, sale, look()))
    for (const part of [
      'Approved: SELL 50% of BONK (order k3f9x2abcd)',
      'More holders said yes than no.',
      'Yes: @user3, @user9\n',
      'Did not vote: @user2\n',
      'It becomes an order, which follows below',
    ])
      expect(text).toContain(part)
    for (const part of ['Pledged', '@user1', '(0)']) expect(text).not.toContain(part)
    const notice = shown({ text: resultNotice(session, sale, look()), keyboard: [] })
    expect(notice).toContain('2 yes, 0 no, 1 did not vote. More holders')
    expect(notice).not.toContain('Pledged')
  })

  test.each([
    [true, 'Nothing is sold. A holder can propose again'],
    [false, 'Nothing is sold. The session is over.'],
  ])('of a sale that was not approved says that nothing is sold (session open: %s)', (open, words) => {
    const result = decide(tallyOf({ votes: {} }, 3), 'no_votes', NOW)
    const sale = aSale({ open: false, result })
    expect(shown(proposalCard({ ...session, open }, sale, look()))).toContain(words)
  })

  test.each(REASONS)('has words for %s', (reason) => {
    const result = decide(tallyOf({ votes }, 4), reason, NOW)
    for (const language of LANGUAGES) {
      for (const proposal of [aProposal(BUY), aSale()])
        expect(
          shown({
            text: resultNotice(session, { ...proposal, votes, open: false, result }, look(language)),
            keyboard: [],
          }),
        ).toContain('BONK')
    }
  })
})

describe('the parts', () => {
  test.each([
    [0, 10, '░░░░░░░░░░'],
    [1, 1000, '▓░░░░░░░░░'],
    [5, 10, '▓▓▓▓▓░░░░░'],
    [999, 1000, '▓▓▓▓▓▓▓▓▓░'],
    [10, 10, '▓▓▓▓▓▓▓▓▓▓'],
    [0, 0, '░░░░░░░░░░'],
    [5, 0, '▓░░░░░░░░░'],
  ])('a bar of %d of %d', (part, whole, bar) => expect(progressBar(part, whole)).toBe(bar))

  test.each([
    [-5 * SECOND, 'in 0 seconds'],
    [1, 'in 1 second'],
    [89 * SECOND, 'in 89 seconds'],
    [90 * SECOND, 'in 2 minutes'],
    [5 * MINUTE, 'in 5 minutes'],
    [90 * MINUTE, 'in 2 hours'],
    [24 * HOUR, 'in 24 hours'],
  ])('%d ms from now is %s', (left, words) => {
    expect(timeLeft(textsFor('en'), NOW + left, NOW).html).toContain(`>${words}<`)
  })

  test('a list of names is cut between names, and says how many more there are', () => {
    const names = Array.from({ length: 100 }, (_, index) => `name${index}`)
    const list = nameList(textsFor('en'), names, 60)
    const [all = '', more = ''] = list.split(' and ')
    expect(all.split(', ').every((name) => names.includes(name))).toBe(true)
    expect(more).toBe(`${100 - all.split(', ').length} more`)
    expect(nameList(textsFor('en'), ['<&>'], 60)).toBe('&lt;&amp;&gt;')
  })
})

import { expect, test } from 'vitest'
import type { Proposal, Session } from '../../src/domain/session.ts'
import type { Deed, Evidence, OrderRow } from './evidence.ts'
import type { Life } from './fleet.ts'
import { allowedUntil } from './oracle/excuses.ts'
import { judge } from './oracle/oracle.ts'
import { complaintsText } from './report.ts'

// A group in which all went well; each test makes one thing of it untrue, and the oracle has to see it.

const CHAT = -100
const [ALICE, BOB] = [11, 22]
const T0 = 1_800_000_000_000

const deed = (updateId: number, person: number, meaning: Deed['meaning'], answer: Deed['answer']): Deed => ({
  at: T0 + updateId * 1000,
  chatId: CHAT,
  person,
  name: person === ALICE ? 'Alice' : 'Bob',
  words: meaning.kind,
  meaning,
  by: meaning.kind === 'seat' || (meaning.kind === 'vote' && meaning.proposalId !== undefined) ? 'tap' : 'message',
  messageId: undefined,
  updateId,
  answer,
})

const seat = (updateId: number, person: number, button: 'join' | 'skip' = 'join') =>
  deed(
    updateId,
    person,
    { kind: 'seat', button, sessionId: 'S' },
    { kind: 'seated', is: button === 'join' ? 'in' : 'out' },
  )

const vote = (updateId: number, person: number, wish: 'yes' | 'no', proposalId?: string) => {
  const amount = wish === 'yes' ? 0.05 : 0
  return deed(
    updateId,
    person,
    { kind: 'vote', vote: wish, amount, proposalId },
    { kind: 'counted', vote: wish, amount },
  )
}

function wholeProposal(): Proposal {
  return {
    id: 'P',
    text: 'BUY token=BONK amount=0.05 price=market',
    type: 'buy',
    trade: { side: 'buy', token: 'BONK', amount: 0.05, price: 'market' },
    votes: {
      [ALICE]: { vote: 'yes', amount: 0.05, at: T0 + 6000, update: 6 },
      [BOB]: { vote: 'yes', amount: 0.05, at: T0 + 8000, update: 8 },
    },
    open: false,
    createdBy: ALICE,
    createdByUsername: 'Alice',
    msgId: 2,
    duration: 1,
    startTime: T0 + 5000,
    endTime: T0 + 18_000,
    result: { approved: true, reason: 'majority', yes: 2, no: 0, abstained: 0, yesAmount: 0.1, closedAt: T0 + 18_010 },
    update: 5,
    notice: 3,
    archived: true,
    reference: null,
    funds: null,
    holders: null,
  }
}

function wholeSession(): Session {
  return {
    id: 'S',
    message: 'Idea',
    chatId: CHAT,
    msgId: 1,
    open: false,
    createdBy: ALICE,
    createdByUsername: 'Alice',
    createdAt: T0 + 1000,
    votingMinutes: 1,
    participants: [
      { id: ALICE, name: 'Alice', update: 2 },
      { id: BOB, name: 'Bob', update: 3 },
    ],
    proposals: [wholeProposal()],
    groupId: 'G',
    language: 'en',
    rules: {},
    lifetimeMinutes: 60,
    expiresAt: T0 + 3_600_000,
    update: 1,
    departures: {},
    closedAt: T0 + 30_000,
    closeReason: 'admin',
    closeUpdate: 9,
    notice: 5,
    archived: true,
  }
}

const order: OrderRow = {
  id: 'abcdefghjk',
  proposal_id: 'P',
  side: 'buy',
  state: 'filled',
  reason: null,
  asked: '100000000',
  attempts: 1,
  version: 3,
  shown_version: 3,
  told_state: 'filled',
  card_msg_id: 4,
  filled_quantity: '1',
}

const says = (id: number, text: string, replyTo?: number) => ({
  id,
  chatId: CHAT,
  text,
  replyTo,
  sentAt: T0 + 18_000 + id,
  editedAt: [],
})

const life: Life = {
  place: 0,
  pid: 1,
  startedAt: T0,
  readyAt: T0,
  endedAt: T0 + 100_000,
  ended: 'stopped',
  code: 0,
  log: [],
  lastWords: '',
}

/** Everything is as it was promised. */
function whole() {
  return {
    setting: { seed: 1, store: 'redis', intake: 'webhook', bots: 1, executor: 'paper', stormMs: 1 } as const,
    startedAt: T0,
    deeds: [
      deed(1, ALICE, { kind: 'create', title: 'Idea' }, { kind: 'done' }),
      seat(2, ALICE),
      seat(3, BOB),
      deed(5, ALICE, { kind: 'propose' }, { kind: 'nothing' }),
      vote(6, ALICE, 'yes', 'P'),
      vote(7, BOB, 'no'),
      vote(8, BOB, 'yes', 'P'),
      deed(9, ALICE, { kind: 'close' }, { kind: 'done' }),
    ],
    messages: [
      says(1, '🗳 Idea\nA trading session'),
      says(2, '✅ Approved: BUY BONK\n✅ Yes 2 · ❌ No 0 · did not vote 0'),
      says(3, '✅ Approved: BUY BONK\n2 yes, 0 no, 0 did not vote.', 2),
      says(4, 'Order abcdefghjk: BUY BONK\nBought 1'),
      says(5, '🏁 The session “Idea” was closed by an admin.'),
    ],
    takings: [1, 2, 3, 5, 6, 7, 8, 9].map((updateId) => ({ updateId, place: 0, at: T0 + updateId * 1000 + 5 })),
    confirmations: [],
    lives: [life],
    breakages: [] as Evidence['breakages'][number][],
    sightings: [] as Evidence['sightings'][number][],
    records: {
      sessions: [wholeSession()],
      index: { [CHAT]: 'S' } as Record<number, string>,
      proposals: [
        {
          id: 'P',
          approved: true,
          reason: 'majority',
          yes: 2,
          no: 0,
          abstained: 0,
          yes_amount: '0.1',
          closed_at: T0 + 18_010,
          end_time: T0 + 18_000,
        },
      ],
      votes: [ALICE, BOB].map((voter_id) => ({ proposal_id: 'P', voter_id, vote: 'yes' as const, amount: '0.05' })),
      orders: [order],
      allocations: [ALICE, BOB].map((member_id) => ({ order_id: order.id, member_id, pledged: '50000000' })),
      executions: [order.id],
      books: [] as string[],
    },
    stuck: [],
  } satisfies Evidence
}

type Whole = ReturnType<typeof whole>

const proposalIn = (it: Whole): Proposal => it.records.sessions[0]!.proposals[0]!
const refusing = (one: Deed, words = 'You have not joined'): void => {
  one.answer = { kind: 'refused', words }
}

test('nobody complains where all is as it was promised', () => {
  expect(judge(whole())).toEqual([])
})

const wrongs: [string, (it: Whole) => void, RegExp][] = [
  ['a counted vote is gone', (it) => delete proposalIn(it).votes[BOB], /is counted, and they have no vote/],
  [
    'an older vote stands in place of a newer',
    (it) => {
      proposalIn(it).votes[BOB] = { vote: 'no', amount: 0, at: T0 + 7000, update: 7 }
    },
    /their vote is an older one: no, of update 7/,
  ],
  ['a vote is in that nobody cast', (it) => it.deeds.splice(6, 1), /nobody cast it/],
  [
    'a stake is altered',
    (it) => {
      proposalIn(it).votes[BOB]!.amount = 0.06
    },
    /Bob meant/,
  ],
  ['a refused vote is in', (it) => refusing(it.deeds[6]!), /Bob was told “You have not joined”/],
  [
    'a vote after the deadline is in',
    (it) => {
      proposalIn(it).votes[BOB]!.at = T0 + 18_000
    },
    /cast after the deadline/,
  ],
  [
    'a vote in time is told to be late',
    (it) => {
      it.deeds.push({ ...vote(8.5, ALICE, 'no'), answer: { kind: 'refused', words: 'This vote has ended; so' } })
      it.takings.push({ updateId: 8.5, place: 0, at: T0 + 8600 })
    },
    /before the deadline, and was told it had ended/,
  ],
  [
    'the count is wrong',
    (it) => {
      proposalIn(it).result!.yes = 1
    },
    /it says 1 yes/,
  ],
  [
    'it is decided early',
    (it) => {
      proposalIn(it).result!.closedAt = T0 + 17_000
    },
    /1000 ms before its deadline/,
  ],
  [
    'it is decided late without a reason',
    (it) => {
      proposalIn(it).result!.closedAt = T0 + 60_000
    },
    /42000 ms late, where 20000 ms can be explained/,
  ],
  [
    'it is never decided',
    (it) => {
      proposalIn(it).open = true
    },
    /never decided/,
  ],
  ['the archive has it twice', (it) => it.records.proposals.push(it.records.proposals[0]!), /has it 2 times/],
  ['the archive lost a vote', (it) => it.records.votes.pop(), /the archive's votes/],
  [
    'a decision changes',
    (it) => {
      const seen = structuredClone(it.records.sessions)
      seen[0]!.proposals[0]!.result!.yes = 1
      it.sightings.push({ at: T0, sessions: seen })
    },
    /it was decided as/,
  ],
  [
    'a vote that was seen is gone',
    (it) => {
      const seen = structuredClone(it.records.sessions)
      seen[0]!.proposals[0]!.votes[33] = { vote: 'no', amount: 0, at: T0, update: 4 }
      it.sightings.push({ at: T0, sessions: seen })
    },
    /the vote of 33 \(update 4\) was there, and is gone/,
  ],
  ['a result is not told', (it) => it.messages.splice(2, 1), /its result was not told/],
  ['a result is told twice', (it) => it.messages.push({ ...it.messages[2]!, id: 9 }), /was told 2 times/],
  [
    'a card stays as it was',
    (it) => {
      it.messages[1]!.text = 'BUY BONK\nVoting ends in 1 minute'
    },
    /its card 2 does not say so/,
  ],
  ['there is no order', (it) => it.records.orders.pop(), /approved, and there are 0 orders/],
  ['there are two orders', (it) => it.records.orders.push({ ...order, id: 'other' }), /there are 2 orders/],
  ['an order is carried out twice', (it) => it.records.executions.push(order.id), /carried it out 2 times/],
  ['something else is carried out', (it) => it.records.executions.push('else'), /carried out else, which is no order/],
  [
    'an order takes more than was staked',
    (it) => {
      it.records.allocations[0]!.pledged = '50000001'
    },
    /takes 50000001 of 11, who staked 50000000/,
  ],
  ['the books do not balance', (it) => it.records.books.push('a sum'), /the books: a sum/],
  ['a session is gone', (it) => it.records.sessions.pop(), /there is no such session/],
  [
    'two sessions are open',
    (it) => {
      const other = { ...wholeSession(), id: 'S2', open: true, update: 0, proposals: [] }
      it.records.sessions[0]!.open = true
      it.records.sessions.push(other)
    },
    /several sessions are open/,
  ],
  [
    'somebody told to be in is not',
    (it) => {
      it.records.sessions[0]!.participants.pop()
    },
    /they are not in it/,
  ],
  [
    'somebody who left is in',
    (it) => {
      it.deeds.push(seat(10, BOB, 'skip'))
      it.takings.push({ updateId: 10, place: 0, at: T0 })
    },
    /they are in it/,
  ],
  [
    'a vote is not answered',
    (it) => {
      it.deeds[5]!.answer = { kind: 'nothing' }
    },
    /not answered by a bot that lived on/,
  ],
  [
    'a tap is not answered',
    (it) => {
      it.deeds[6]!.answer = { kind: 'nothing' }
    },
    /it was taken, and not answered/,
  ],
  [
    'somebody gets an apology',
    (it) => {
      it.deeds[6]!.answer = { kind: 'apology', words: 'Sorry' }
    },
    /they were told “Sorry”/,
  ],
  [
    'a bot ends by itself',
    (it) => {
      it.lives[0] = { ...life, ended: 'itself', code: 1 }
    },
    /ended by itself/,
  ],
  [
    'a bot tells of an error',
    (it) => {
      it.lives[0] = { ...life, log: [{ level: 50, msg: 'a bug' }] }
    },
    /it said .*a bug/,
  ],
]

test.each(wrongs)('somebody complains where %s', (_, spoil, words) => {
  const it = whole()
  spoil(it)
  const complaints = judge(it)
  expect(complaints.map((one) => one.words).join('\n')).toMatch(words)
  expect(complaintsText(it, complaints)).toContain('✗')
})

test('what was broken explains what came late or twice, and nothing else does', () => {
  const kill = { kind: 'kill', from: T0 + 17_000, to: T0 + 40_000, words: '', hits: 1 }
  const late = whole()
  for (const one of [proposalIn(late).result!, late.records.proposals[0]!] as {
    closedAt?: number
    closed_at?: number
  }[])
    if (one.closedAt) one.closedAt = T0 + 55_000
    else one.closed_at = T0 + 55_000
  expect(judge(late)).toHaveLength(1)
  late.breakages.push(kill)
  expect(judge(late)).toEqual([])
  const twice = whole()
  twice.messages.push({ ...twice.messages[2]!, id: 9 })
  twice.breakages.push({ ...kill, to: T0 + 17_000 })
  expect(judge(twice).map(({ words }) => words)).toEqual([expect.stringContaining('told 2 times')])
  twice.breakages.push(kill)
  expect(judge(twice)).toEqual([])
  const lost = whole()
  delete proposalIn(lost).votes[BOB]
  lost.breakages.push(kill)
  expect(judge(lost)).not.toEqual([])
})

test('what is due waits for the end of what is broken, one after the other, and a lost queue for the sweep', () => {
  const broken = (kind: string, from: number, to: number) => ({
    kind,
    from: T0 + from,
    to: T0 + to,
    words: '',
    hits: 1,
  })
  const until = (...breakages: ReturnType<typeof broken>[]) => allowedUntil({ breakages, lives: [life] }, T0) - T0
  expect(until()).toBe(20_000)
  expect(until(broken('kill', -5000, 3000))).toBe(23_000)
  expect(until(broken('kill', -90_000, -60_000))).toBe(20_000)
  expect(until(broken('kill', 10_000, 30_000), broken('pause', 45_000, 50_000))).toBe(70_000)
  expect(until(broken('kill', 21_000, 30_000))).toBe(20_000)
  expect(until(broken('alarms lost', -30_000, -30_000))).toBe(52_000)
})

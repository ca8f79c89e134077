import type { Proposal, Session } from '../../../src/domain/session.ts'
import type { Deed, Evidence, OrderRow } from '../evidence.ts'
import type { Life } from '../fleet.ts'

// A group in which all went well.

export const CHAT = -100
export const [ALICE, BOB] = [11, 22]
export const T0 = 1_800_000_000_000

export const deed = (updateId: number, person: number, meaning: Deed['meaning'], answer: Deed['answer']): Deed => ({
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

export const seat = (updateId: number, person: number, button: 'join' | 'skip' = 'join') =>
  deed(
    updateId,
    person,
    { kind: 'seat', button, sessionId: 'S' },
    { kind: 'seated', is: button === 'join' ? 'in' : 'out' },
  )

export const vote = (updateId: number, person: number, wish: 'yes' | 'no', proposalId?: string) => {
  const amount = wish === 'yes' ? 0.05 : 0
  return deed(
    updateId,
    person,
    { kind: 'vote', vote: wish, amount, proposalId },
    { kind: 'counted', vote: wish, amount },
  )
}

export function wholeProposal(): Proposal {
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

export function wholeSession(): Session {
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

export const order: OrderRow = {
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

export const says = (id: number, text: string, replyTo?: number) => ({
  id,
  chatId: CHAT,
  text,
  replyTo,
  sentAt: T0 + 18_000 + id,
  editedAt: [],
})

export const life: Life = {
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
export function whole() {
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

export type Whole = ReturnType<typeof whole>

import { expect, test } from 'vitest'
import type { Proposal } from '../../src/domain/session.ts'
import type { Deed } from './evidence.ts'
import { allowedUntil } from './oracle/excuses.ts'
import { judge } from './oracle/oracle.ts'
import { ALICE, BOB, life, order, seat, T0, vote, type Whole, whole, wholeSession } from './oracle/whole.ts'
import { complaintsText } from './report.ts'

// Each test makes one thing untrue of a group in which all went well, and the oracle has to see it.

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
      const { votes } = proposalIn(it)
      votes[BOB] = { ...votes[BOB]!, amount: 0.06 }
    },
    /Bob meant/,
  ],
  ['a refused vote is in', (it) => refusing(it.deeds[6]!), /Bob was told “You have not joined”/],
  [
    'a vote after the deadline is in',
    (it) => {
      const { votes } = proposalIn(it)
      votes[BOB] = { ...votes[BOB]!, at: T0 + 18_000 }
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

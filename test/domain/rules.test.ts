import { describe, expect, test } from 'vitest'
import { LAST_CALL_MS } from '../../src/domain/last-call.ts'
import { closeSession, FAREWELL_MS, renew } from '../../src/domain/lifetime.ts'
import type { Done } from '../../src/domain/outcome.ts'
import { join, leave, PARTICIPANT_LIMIT } from '../../src/domain/participants.ts'
import { closeProposal, PROPOSAL_LIMIT, propose, tallyIn, wishProblem } from '../../src/domain/proposals.ts'
import { isRefusal } from '../../src/domain/refusal.ts'
import { openProposalOf, participantOf, type Session } from '../../src/domain/session.ts'
import { stakeSteps } from '../../src/domain/stake.ts'
import { HOUR, MINUTE, SECOND } from '../../src/domain/time.ts'
import { type Ballot, type CountedVote, castVote } from '../../src/domain/votes.ts'
import { argumentsOf, parsePropose, parseVote } from '../../src/telegram/arguments.ts'
import { aSession, BONK, BOUNDS, joinedBy, NOW, proposed, saleBy, wish } from './sessions.ts'

const ballot = (voter: number, update: number, facts: Partial<Ballot> = {}): Ballot => ({
  voter,
  update,
  choice: { vote: 'yes' },
  at: NOW + SECOND,
  ...facts,
})

const vote = (session: Session, one: Ballot, now = one.at, proposalId?: string) =>
  castVote(session, proposalId, one, BOUNDS, now)

describe('joining and leaving', () => {
  test('a second tap is told that it is not needed, the same tap again that it worked', () => {
    const session = aSession()
    expect(join(session, { id: 7, name: '@a' }, 5, NOW)).toMatchObject({ changed: true, value: { did: 'joined' } })
    expect(join(session, { id: 7, name: '@a' }, 5, NOW)).toMatchObject({ changed: false, value: { did: 'joined' } })
    expect(join(session, { id: 7, name: '@a' }, 6, NOW)).toMatchObject({ changed: false, value: { did: 'already' } })
    expect(session.participants).toHaveLength(1)
  })

  test('a late older join does not undo leaving, a late older skip does not undo joining', () => {
    const session = joinedBy([7])
    expect(leave(session, 7, 9, NOW)).toMatchObject({ changed: true, value: { did: 'left' } })
    expect(join(session, { id: 7, name: '@a' }, 8, NOW)).toMatchObject({ changed: false })
    expect(session.participants).toEqual([])
    join(session, { id: 7, name: '@a' }, 11, NOW)
    expect(leave(session, 7, 10, NOW)).toMatchObject({ changed: false, value: { did: 'skipped' } })
    expect(session.participants).toHaveLength(1)
  })

  test('skipping without having joined is remembered', () => {
    const session = aSession()
    expect(leave(session, 7, 9, NOW)).toMatchObject({ changed: true, value: { did: 'skipped' } })
    expect(leave(session, 7, 9, NOW)).toMatchObject({ changed: false, value: { did: 'skipped' } })
    expect(join(session, { id: 7, name: '@a' }, 8, NOW)).toMatchObject({ changed: false })
    expect(join(session, { id: 7, name: '@a' }, 10, NOW)).toMatchObject({ changed: true })
  })

  test('nobody joins or leaves a closed session, but a tap from before is told again that it worked', () => {
    const session = joinedBy([7])
    closeSession(session, { reason: 'admin', update: 50 }, NOW)
    expect(join(session, { id: 8, name: '@b' }, 60, NOW)).toEqual({ refused: 'session_closed' })
    expect(join(session, { id: 7, name: '@a' }, 60, NOW)).toEqual({ refused: 'session_closed' })
    expect(leave(session, 7, 60, NOW)).toEqual({ refused: 'session_closed' })
    expect(join(session, { id: 7, name: '@a' }, 2, NOW)).toMatchObject({ changed: false, value: { did: 'joined' } })
  })

  test('whoever voted in the open proposal stays until it ends', () => {
    const session = joinedBy([7, 8])
    const proposal = proposed(session)
    vote(session, ballot(7, 101))
    expect(leave(session, 7, 102, NOW)).toEqual({ refused: 'has_vote' })
    expect(leave(session, 8, 103, NOW)).toMatchObject({ changed: true, value: { did: 'left' } })
    closeProposal(session, proposal.id, proposal.endTime)
    expect(leave(session, 7, 104, NOW)).toMatchObject({ changed: true, value: { did: 'left' } })
  })

  test('a full session is told with its limit', () => {
    const participants = Array.from({ length: PARTICIPANT_LIMIT }, (_, id) => ({ id, name: `@${id}`, update: 2 }))
    expect(join(aSession({ participants }), { id: -1, name: '@late' }, 5, NOW)).toEqual({
      refused: 'session_full',
      limit: PARTICIPANT_LIMIT,
    })
  })
})

describe('proposing', () => {
  const by = { id: 7, name: '@user7' }

  test('freezes the trade, its words, its author and its deadline', () => {
    const session = joinedBy([7])
    expect(proposed(session)).toMatchObject({
      text: 'BUY token=BONK amount=0.05 price=market',
      type: 'buy',
      trade: BONK,
      open: true,
      createdBy: 7,
      createdByUsername: '@user7',
      duration: 5,
      startTime: NOW,
      endTime: NOW + 5 * MINUTE,
      result: null,
    })
  })

  test('the same message again finds the proposal it made, even when it is long decided', () => {
    const session = joinedBy([7])
    const proposal = proposed(session)
    closeProposal(session, proposal.id, proposal.endTime)
    closeSession(session, { reason: 'admin', update: 200 }, NOW + HOUR)
    expect(propose(session, wish({ by }), BOUNDS, NOW + HOUR)).toEqual({ changed: false, value: proposal })
  })

  test('outsiders, a closed session, a second proposal and the sale of others’ are each refused in their own way', () => {
    expect(propose(aSession(), wish({ by }), BOUNDS, NOW)).toMatchObject({ refused: 'not_participant' })
    const session = joinedBy([7])
    const sale = wish({ by, ...saleBy([8]) })
    expect(propose(session, sale, BOUNDS, NOW)).toEqual({ refused: 'not_holder', token: 'BONK', order: 'k3f9x2abcd' })
    expect(wishProblem(session, sale, BOUNDS)).toBeUndefined()
    const { text } = proposed(session)
    expect(propose(session, wish({ by, id: 'another' }), BOUNDS, NOW)).toEqual({ refused: 'proposal_open', text })
    closeSession(session, { reason: 'admin', update: 200 }, NOW)
    expect(propose(session, wish({ by, id: 'another' }), BOUNDS, NOW)).toEqual({ refused: 'no_session' })
  })

  test('what was said while another vote was open is not opened behind its back', () => {
    const session = joinedBy([7])
    const first = proposed(session)
    const closedAt = first.endTime + 400
    closeProposal(session, first.id, closedAt)
    const late = wish({ by, id: 'another', saidAt: closedAt - 2 * SECOND })
    expect(propose(session, late, BOUNDS, closedAt + SECOND)).toMatchObject({ refused: 'proposal_was_open' })
    // In the same second, which Telegram rounds down, it may have been after.
    const same = wish({ by, id: 'another', saidAt: closedAt - 400 })
    expect(propose(session, same, BOUNDS, closedAt + SECOND)).toMatchObject({ changed: true })
  })

  test.each([
    [{ ...BONK, amount: 0.0001 }, 'stake_too_small', 'BUY token=BONK amount=0.001 price=market'],
    [{ ...BONK, amount: 0.0001, cap: 0.0002 }, 'stake_too_small', 'BUY token=BONK amount=0.001 price=market cap=0.001'],
    [{ ...BONK, amount: 5, cap: 6 }, 'stake_too_large', 'BUY token=BONK amount=1 price=market cap=6'],
  ] as const)('%j is refused as %s, with a stake that would do', (trade, refused, text) => {
    const session = joinedBy([7])
    const outcome = propose(session, wish({ by, trade }), BOUNDS, NOW)
    expect(outcome).toMatchObject({ refused, least: 0.001, most: 1, example: `/propose "${text}" 5` })
    expect(parsePropose(argumentsOf((outcome as { example: string }).example))).toMatchObject({ minutes: 5 })
  })

  test('a session has an end of proposals', () => {
    const session = joinedBy([7])
    for (let count = 0; count < PROPOSAL_LIMIT; count++) {
      const proposal = proposed(session, { id: `p${count}` }, NOW + count * HOUR)
      closeProposal(session, proposal.id, proposal.endTime)
    }
    const outcome = propose(session, wish({ by, saidAt: NOW + 999 * HOUR }), BOUNDS, NOW + 999 * HOUR)
    expect(outcome).toEqual({ refused: 'proposals_full', limit: PROPOSAL_LIMIT })
  })
})

describe('voting', () => {
  test('a yes without an amount takes the suggested stake', () => {
    const session = joinedBy([7, 8, 9])
    const proposal = proposed(session)
    vote(session, ballot(7, 101))
    vote(session, ballot(8, 102, { choice: { vote: 'yes', amount: 0.25 } }))
    vote(session, ballot(9, 103, { choice: { vote: 'yes', amount: 0.3 } }))
    expect(Object.values(proposal.votes).map((one) => one.amount)).toEqual([0.05, 0.25, 0.3])
  })

  test('the newest vote of a person replaces the others, whenever it arrives', () => {
    const session = joinedBy([7, 8])
    const proposal = proposed(session)
    vote(session, ballot(7, 105, { choice: { vote: 'no' } }))
    const late = vote(session, ballot(7, 104))
    expect(late).toMatchObject({ changed: false, value: { vote: { vote: 'no', update: 105 } } })
    expect(vote(session, ballot(7, 106))).toMatchObject({ changed: true, value: { replaced: { vote: 'no' } } })
    expect(proposal.votes[7]).toMatchObject({ vote: 'yes', update: 106 })
  })

  test('the deadline itself is too late', () => {
    const session = joinedBy([7, 8])
    const { endTime } = proposed(session)
    expect(vote(session, ballot(7, 101, { at: endTime }))).toEqual({ refused: 'voting_ended' })
    expect(vote(session, ballot(7, 102, { at: endTime - 1 }), endTime + HOUR)).toMatchObject({ changed: true })
  })

  test('a stake outside the bounds is refused with one inside', () => {
    const session = joinedBy([7])
    proposed(session)
    const tooSmall = vote(session, ballot(7, 101, { choice: { vote: 'yes', amount: 0.0001 } }))
    expect(tooSmall).toMatchObject({ refused: 'stake_too_small', example: '/vote yes 0.001' })
    const tooLarge = vote(session, ballot(7, 101, { choice: { vote: 'yes', amount: 1.000000001 } }))
    expect(tooLarge).toMatchObject({ refused: 'stake_too_large', example: '/vote yes 1' })
    expect(isRefusal(parseVote('yes 0.001'))).toBe(false)
    for (const amount of [BOUNDS.least, BOUNDS.most])
      expect(vote(session, ballot(7, 110 + amount, { choice: { vote: 'yes', amount } }))).toMatchObject({
        changed: true,
      })
  })

  test('a vote from before its voter joined does not count later', () => {
    const session = joinedBy([7])
    proposed(session)
    expect(vote(session, ballot(8, 110))).toMatchObject({ refused: 'not_participant' })
    join(session, { id: 8, name: '@b' }, 111, NOW)
    expect(vote(session, ballot(8, 110))).toMatchObject({ refused: 'not_participant' })
    expect(vote(session, ballot(8, 112))).toMatchObject({ changed: true })
  })

  test('a button of a proposal that is not there is out of date, a spoken vote without one has nothing to be for', () => {
    const session = joinedBy([7])
    expect(vote(session, ballot(7, 101), NOW, 'gone')).toEqual({ refused: 'button_outdated' })
    expect(vote(session, ballot(7, 101))).toMatchObject({ refused: 'no_proposal' })
  })

  test('a spoken vote delivered again counts once, and not for the next proposal', () => {
    const session = joinedBy([7, 8])
    const first = proposed(session)
    vote(session, ballot(7, 101))
    closeProposal(session, first.id, first.endTime)
    const second = proposed(session, { id: 'second', update: 110 }, first.endTime + SECOND)
    expect(vote(session, ballot(7, 101))).toMatchObject({ changed: false, value: { proposalId: first.id } })
    expect(vote(session, ballot(8, 102))).toEqual({ refused: 'voting_ended' })
    expect(second.votes).toEqual({})
  })

  test('a spoken vote that came too late is refused again, also when its voter has a vote in the next proposal', () => {
    const session = joinedBy([7, 8])
    expect(vote(session, ballot(7, 99))).toMatchObject({ refused: 'no_proposal' })
    const first = proposed(session)
    vote(session, ballot(7, 101))
    closeProposal(session, first.id, first.endTime)
    expect(vote(session, ballot(7, 109))).toEqual({ refused: 'voting_ended' })
    proposed(session, { id: 'second', update: 110 }, first.endTime + SECOND)
    vote(session, ballot(7, 111), first.endTime + SECOND, 'second')
    expect(vote(session, ballot(7, 109))).toEqual({ refused: 'voting_ended' })
    expect(vote(session, ballot(7, 99))).toMatchObject({ refused: 'no_proposal' })
  })

  test('a counted vote is confirmed again when it is delivered again after the end', () => {
    const session = joinedBy([7, 8])
    const proposal = proposed(session)
    const counted = vote(session, ballot(7, 101)) as Done<CountedVote>
    closeProposal(session, proposal.id, proposal.endTime)
    leave(session, 7, 102, NOW)
    closeSession(session, { reason: 'admin', update: 103 }, proposal.endTime + SECOND)
    expect(vote(session, ballot(7, 101))).toEqual({ changed: false, value: counted.value })
    expect(vote(session, ballot(7, 104))).toEqual({ refused: 'session_closed' })
  })
})

describe('what members have', () => {
  const funds = { each: 0.4, members: { 8: 0.06, 9: 0.0005, 10: 0.9 } }
  const yes = (amount?: number): Ballot['choice'] => ({ vote: 'yes', amount })
  const scene = () => {
    const session = joinedBy([7, 8, 9, 10])
    return { session, proposal: proposed(session, { funds }) }
  }

  test('bounds their stakes, with an example that they have', () => {
    const { session } = scene()
    for (const [voter, available, example] of [
      [7, 0.4, '/vote yes 0.4'],
      [8, 0.06, '/vote yes 0.06'],
      [10, 0.9, '/vote yes 0.9'],
    ] as const) {
      expect(vote(session, ballot(voter, 101, { choice: yes(0.95) }))).toEqual({
        refused: 'stake_over_funds',
        available,
        example,
      })
      expect(vote(session, ballot(voter, 102, { choice: yes(available) }))).toMatchObject({ changed: true })
    }
  })

  test('that is less than any stake leaves them a no', () => {
    const { session } = scene()
    const refused = { refused: 'funds_too_low', available: 0.0005, least: 0.001 }
    expect(vote(session, ballot(9, 101))).toEqual(refused)
    expect(vote(session, ballot(9, 102, { choice: yes(0.001) }))).toEqual(refused)
    expect(vote(session, ballot(9, 103, { choice: { vote: 'no' } }))).toMatchObject({ changed: true })
  })

  test('comes before the bounds, and its example is within both', () => {
    const { session } = scene()
    const refused = vote(session, ballot(8, 101, { choice: yes(2) }))
    expect(refused).toMatchObject({ refused: 'stake_over_funds' })
    const example = (refused as { example: string }).example.replace('/vote yes ', '')
    expect(vote(session, ballot(8, 102, { choice: yes(Number(example)) }))).toMatchObject({ changed: true })
  })

  test('is not asked where the bot does not keep it, nor where it is more than any stake', () => {
    for (const known of [null, { each: null, members: {} }]) {
      const session = joinedBy([7])
      proposed(session, { funds: known })
      expect(vote(session, ballot(7, 101, { choice: yes(1) }))).toMatchObject({ changed: true })
    }
  })
})

describe('a sale', () => {
  /** 7 and 8 take part, 8 and 9 hold; 7 is there as the first participant only. */
  const scene = (holders = [8, 9], facts: Partial<Session> = {}) => {
    const session = joinedBy([7, 8], facts)
    const by = { id: 8, name: '@user8' }
    return { session, proposal: proposed(session, { by, ...saleBy(holders) }) }
  }

  test('freezes what is sold, its price and its holders', () => {
    const { proposal } = scene()
    expect(proposal).toMatchObject({
      text: 'SELL order=k3f9x2abcd share=50%',
      type: 'sell',
      trade: { side: 'sell', order: 'k3f9x2abcd', percent: 50, token: 'BONK' },
      reference: { price: '0.00002', at: NOW, source: 'simulated' },
      funds: null,
      holders: [
        { id: 8, name: '@user8' },
        { id: 9, name: '@user9' },
      ],
    })
  })

  test('is voted on by its holders alone, whether they joined or not', () => {
    const { session, proposal } = scene()
    expect(vote(session, ballot(7, 101))).toEqual({ refused: 'not_holder', token: 'BONK', order: 'k3f9x2abcd' })
    expect(vote(session, ballot(9, 102))).toMatchObject({ changed: true })
    expect(tallyIn(session, proposal)).toEqual({ yes: 1, no: 0, abstained: 1, yesAmount: 0, participants: 2 })
  })

  test('takes no stakes', () => {
    const { session, proposal } = scene()
    expect(vote(session, ballot(8, 101, { choice: { vote: 'yes', amount: 0.05 } }))).toEqual({
      refused: 'stake_with_sell',
      example: '/vote yes',
    })
    vote(session, ballot(8, 102))
    vote(session, ballot(9, 103, { choice: { vote: 'yes', amount: 0 } }))
    expect(Object.values(proposal.votes)).toMatchObject([
      { vote: 'yes', amount: 0 },
      { vote: 'yes', amount: 0 },
    ])
  })

  test('is in its last call when all holders have voted, and nobody’s joining or leaving changes that', () => {
    const { session, proposal } = scene([8, 9, 10])
    vote(session, ballot(8, 101))
    expect(vote(session, ballot(9, 102))).toMatchObject({ value: { lastCall: false } })
    expect(vote(session, ballot(10, 103))).toMatchObject({ value: { lastCall: true } })
    const { endTime } = proposal
    expect(endTime).toBe(NOW + SECOND + LAST_CALL_MS)
    expect(join(session, { id: 11, name: '@new' }, 104, NOW + 2 * SECOND)).toMatchObject({
      value: { did: 'joined', proposalId: undefined, lastCallEndsAt: undefined },
    })
    expect(leave(session, 7, 105, NOW + 3 * SECOND)).toMatchObject({ value: { did: 'left' } })
    expect(proposal.endTime).toBe(endTime)
    closeProposal(session, proposal.id, endTime)
    expect(proposal.result).toMatchObject({ approved: true, reason: 'majority', yes: 3, abstained: 0, yesAmount: 0 })
  })

  test('is not hurried because every participant is gone', () => {
    const { session, proposal } = scene()
    vote(session, ballot(9, 101))
    leave(session, 7, 102, NOW + 2 * SECOND)
    leave(session, 8, 103, NOW + 2 * SECOND)
    expect(session.participants).toEqual([])
    expect(proposal.endTime).toBe(NOW + 5 * MINUTE)
  })

  test('lets a holder who voted leave the session; the vote stays', () => {
    const { session, proposal } = scene()
    vote(session, ballot(8, 101))
    expect(leave(session, 8, 102, NOW + 2 * SECOND)).toMatchObject({ changed: true, value: { did: 'left' } })
    expect(tallyIn(session, proposal)).toMatchObject({ yes: 1, participants: 2 })
    expect(vote(session, ballot(8, 103, { choice: { vote: 'no' } }))).toMatchObject({ changed: true })
  })

  test('counts a quorum in percent by its holders, and asks for no more votes than it has holders', () => {
    const percent = scene([8, 9, 10], { rules: { quorum: { percent: 50 } } })
    vote(percent.session, ballot(8, 101))
    closeProposal(percent.session, percent.proposal.id, percent.proposal.endTime)
    expect(percent.proposal.result).toMatchObject({ reason: 'no_quorum', yes: 1, abstained: 2 })
    for (const [voters, reason] of [
      [[8], 'no_quorum'],
      [[8, 9], 'majority'],
    ] as const) {
      const { session, proposal } = scene([8, 9], { rules: { quorum: { count: 3 } } })
      for (const [index, voter] of voters.entries()) vote(session, ballot(voter, 101 + index))
      closeProposal(session, proposal.id, proposal.endTime)
      expect(proposal.result).toMatchObject({ reason })
    }
  })
})

describe('the stakes a card offers', () => {
  test.each([
    [0.05, [0.05, 0.1, 0.25]],
    [0.3, [0.3, 0.6, 1]],
    [0.5, [0.5, 1]],
    [0.7, [0.7, 1]],
    [1, [1]],
    [0.2, [0.2, 0.4, 1]],
  ])('for %d are %j', (amount, steps) => {
    expect(stakeSteps({ trade: { ...BONK, amount } }, BOUNDS)).toEqual(steps)
  })
})

describe('last call', () => {
  test('when everybody has voted, ten seconds remain, in which votes may still change', () => {
    const session = joinedBy([7, 8])
    const proposal = proposed(session)
    expect(vote(session, ballot(7, 101))).toMatchObject({ value: { lastCall: false, endTime: NOW + 5 * MINUTE } })
    const at = NOW + MINUTE
    expect(vote(session, ballot(8, 102, { at }))).toMatchObject({
      value: { lastCall: true, endTime: at + LAST_CALL_MS },
    })
    expect(vote(session, ballot(8, 103, { at: at + 9 * SECOND, choice: { vote: 'no' } }))).toMatchObject({
      changed: true,
    })
    expect(proposal.endTime).toBe(at + 10 * SECOND)
    expect(vote(session, ballot(8, 104, { at: at + 10 * SECOND }))).toEqual({ refused: 'voting_ended' })
    expect(closeProposal(session, proposal.id, at + 10 * SECOND)).toMatchObject({ changed: true })
    expect(proposal.result).toMatchObject({ approved: false, reason: 'tie', yes: 1, no: 1, abstained: 0 })
  })

  test.each([[[7, 8, 9]], [[7, 9, 8]], [[8, 7, 9]], [[8, 9, 7]], [[9, 7, 8]], [[9, 8, 7]]])(
    'comes with the last vote, when they vote in the order %j on what follows another proposal',
    (order) => {
      const session = joinedBy([7, 8, 9])
      for (const [round, voters] of [[7, 8, 9], order].entries()) {
        const now = NOW + round * HOUR
        const update = 100 + round * 10
        const proposal = proposed(session, { id: `proposal${round}`, update }, now)
        const calls = voters.map((voter, n) => {
          const outcome = vote(session, ballot(voter, update + 1 + n, { at: now + SECOND }))
          return !isRefusal(outcome) && outcome.value.lastCall
        })
        expect(calls).toEqual([false, false, true])
        closeProposal(session, proposal.id, proposal.endTime)
      }
    },
  )

  test('is none where the last participant has left without a vote', () => {
    const session = joinedBy([7])
    const proposal = proposed(session)
    leave(session, 7, 200, NOW + SECOND)
    expect(proposal.endTime).toBe(NOW + 5 * MINUTE)
  })

  test('never puts the deadline off', () => {
    const session = joinedBy([7])
    const proposal = proposed(session)
    const { endTime } = proposal
    vote(session, ballot(7, 101, { at: endTime - SECOND }))
    expect(proposal.endTime).toBe(endTime)
  })

  test('a newcomer restores the announced deadline, and their vote calls again', () => {
    const session = joinedBy([7])
    const proposal = proposed(session)
    vote(session, ballot(7, 101))
    expect(proposal.endTime).toBe(NOW + SECOND + LAST_CALL_MS)
    join(session, { id: 8, name: '@b' }, 102, NOW + 2 * SECOND)
    expect(proposal.endTime).toBe(NOW + 5 * MINUTE)
    vote(session, ballot(8, 103, { at: NOW + 20 * SECOND }))
    expect(proposal.endTime).toBe(NOW + 30 * SECOND)
  })

  test('a newcomer after the end of the last call restores nothing', () => {
    const session = joinedBy([7])
    const proposal = proposed(session)
    vote(session, ballot(7, 101))
    const { endTime } = proposal
    join(session, { id: 8, name: '@b' }, 102, endTime)
    expect(proposal.endTime).toBe(endTime)
  })
})

describe('closing', () => {
  test('a proposal is not decided before its deadline', () => {
    const session = joinedBy([7])
    const { id, endTime } = proposed(session)
    expect(closeProposal(session, id, endTime - 1)).toEqual({ changed: false, value: { notBefore: endTime } })
    expect(openProposalOf(session)?.id).toBe(id)
    expect(closeProposal(session, 'gone', endTime)).toBeUndefined()
  })

  test('what is decided stays decided', () => {
    const session = joinedBy([7, 8])
    const proposal = proposed(session)
    vote(session, ballot(7, 101))
    closeProposal(session, proposal.id, proposal.endTime)
    const result = structuredClone(proposal.result)
    expect(vote(session, ballot(8, 102, { choice: { vote: 'no' } }))).toEqual({ refused: 'voting_ended' })
    expect(closeProposal(session, proposal.id, proposal.endTime + HOUR)).toMatchObject({ changed: false })
    closeSession(session, { reason: 'admin', update: 103 }, proposal.endTime + HOUR)
    expect(proposal.result).toEqual(result)
    expect(result).toEqual({
      approved: true,
      reason: 'majority',
      yes: 1,
      no: 0,
      abstained: 1,
      yesAmount: 0.05,
      closedAt: proposal.endTime,
    })
  })

  test.each([
    [{ reason: 'admin', update: 200 }, 'closed_by_admin'],
    [{ reason: 'lifetime' }, 'session_ended'],
  ] as const)('a session closed by %j refuses its open proposal', (why, reason) => {
    const session = joinedBy([7])
    const proposal = proposed(session)
    vote(session, ballot(7, 101))
    expect(closeSession(session, why, NOW + MINUTE)).toEqual({ changed: true, value: 'closed' })
    expect(proposal).toMatchObject({ open: false, result: { approved: false, reason, yes: 1, yesAmount: 0.05 } })
    expect(session).toMatchObject({ open: false, closedAt: NOW + MINUTE, closeReason: why.reason })
    expect(closeSession(session, why, NOW + HOUR)).toEqual({ changed: false, value: 'already' })
    expect(session.closedAt).toBe(NOW + MINUTE)
  })

  test('a command from before this session does not close it', () => {
    const session = aSession({ update: 50 })
    expect(closeSession(session, { reason: 'admin', update: 49 }, NOW)).toEqual({ changed: false, value: 'stale' })
    expect(session.open).toBe(true)
  })
})

describe('the lifetime', () => {
  const lifetime = 24 * HOUR

  test('is put off when a tenth of it has passed, and not before', () => {
    const session = aSession()
    expect(session.expiresAt).toBe(NOW + lifetime)
    renew(session, NOW + lifetime / 10)
    expect(session.expiresAt).toBe(NOW + lifetime)
    renew(session, NOW + lifetime / 10 + 1)
    expect(session.expiresAt).toBe(NOW + lifetime + lifetime / 10 + 1)
  })

  test('reaches at once to an hour past the deadline of an open proposal', () => {
    const session = joinedBy([7], { lifetimeMinutes: 60, expiresAt: NOW + HOUR })
    const { endTime } = proposed(session, { minutes: 1440 })
    renew(session, NOW)
    expect(session.expiresAt).toBe(endTime + HOUR)
    expect(session.expiresAt - FAREWELL_MS).toBeGreaterThan(endTime)
  })

  test('is never cut short', () => {
    const session = joinedBy([7], { lifetimeMinutes: 60, expiresAt: NOW + HOUR })
    const { id, endTime } = proposed(session, { minutes: 1440 })
    renew(session, NOW)
    closeProposal(session, id, endTime)
    renew(session, NOW + MINUTE)
    expect(session.expiresAt).toBe(endTime + HOUR)
  })

  test('participants keep their place', () => {
    expect(participantOf(joinedBy([7]), 7)).toEqual({ id: 7, name: '@user7', update: 2 })
  })
})

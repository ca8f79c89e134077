import { describe, expect, test } from 'vitest'
import { DEPARTURE_LIMIT, join, leave, PARTICIPANT_LIMIT } from '../../src/domain/participants.ts'
import { closeProposal, PROPOSAL_LIMIT, propose, VOTE_LIMIT } from '../../src/domain/proposals.ts'
import type { Proposal, Session, Vote } from '../../src/domain/session.ts'
import { HOUR } from '../../src/domain/time.ts'

import { parseDocument, serialise } from '../../src/storage/document.ts'
import { aSession, BOUNDS, joinedBy, NOW, proposed, saleBy, wish } from './sessions.ts'

const MB = 1_000_000
const FIRST_ID = 7_100_000_000_001

const aVote: Vote = { vote: 'yes', amount: 0.123456789, at: NOW, update: 987_654_321 }

const votesOf = (count: number): Record<string, Vote> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [String(FIRST_ID + index), aVote]))

/** A proposal after the last one, with so many votes, which is decided unless it stays open. */
function withVotes(session: Session, count: number, facts: Parameters<typeof proposed>[1] = {}): Proposal {
  const now = NOW + session.proposals.length * HOUR
  const proposal = proposed(session, { id: `p${session.proposals.length}`.padEnd(12, '_'), ...facts }, now)
  proposal.votes = votesOf(count)
  return proposal
}

const decided = (session: Session, proposal: Proposal) => closeProposal(session, proposal.id, proposal.endTime)

const proposeLater = (session: Session) =>
  propose(session, wish({ by: { id: 7, name: '@user7' }, saidAt: NOW + 999 * HOUR }), BOUNDS, NOW + 999 * HOUR)

describe('the votes of a session', () => {
  test('have an end, which is said before another vote is opened', () => {
    const session = joinedBy([7])
    const first = withVotes(session, VOTE_LIMIT - 1)
    decided(session, first)
    expect(proposeLater(structuredClone(session))).toMatchObject({ changed: true })
    first.votes[7] = aVote
    expect(proposeLater(session)).toEqual({ refused: 'votes_full' })
  })

  test('are counted together with the holders of what was sold', () => {
    const session = joinedBy([7])
    const holders = Array.from({ length: VOTE_LIMIT / 2 }, (_, index) => index)
    const sale = withVotes(session, 0, saleBy([7, ...holders.slice(1)]))
    decided(session, sale)
    decided(session, withVotes(session, VOTE_LIMIT / 2 - 1))
    expect(proposeLater(structuredClone(session))).toMatchObject({ changed: true })
    session.proposals[1]!.votes[7] = aVote
    expect(proposeLater(session)).toEqual({ refused: 'votes_full' })
  })
})

test('what members had is forgotten when the vote is decided', () => {
  const session = joinedBy([7])
  const proposal = proposed(session, { funds: { each: null, members: { 7: 0.5 } } })
  decided(session, proposal)
  expect(proposal).toMatchObject({ open: false, funds: null })
})

describe('who left', () => {
  /** Everybody up to the limit has left, the first of them by the oldest update. */
  const left = () =>
    aSession({
      departures: Object.fromEntries(Array.from({ length: DEPARTURE_LIMIT }, (_, id) => [9000 - id, 1000 + id])),
    })

  test('makes room for who leaves later, the earliest first', () => {
    const session = left()
    join(session, { id: 7, name: '@a' }, 5000, NOW)
    expect(leave(session, 7, 5001, NOW)).toMatchObject({ value: { did: 'left' } })
    expect(Object.keys(session.departures)).toHaveLength(DEPARTURE_LIMIT)
    expect(session.departures).toMatchObject({ 7: 5001, 8999: 1001 })
    expect(session.departures).not.toHaveProperty('9000')
  })

  test('makes no room for who was never in, and is remembered anew where known', () => {
    const session = left()
    expect(leave(session, 7, 5001, NOW)).toMatchObject({ value: { did: 'skipped' } })
    expect(session.departures).not.toHaveProperty('7')
    leave(session, 9000, 5002, NOW)
    expect(session.departures[9000]).toBe(5002)
    expect(Object.keys(session.departures)).toHaveLength(DEPARTURE_LIMIT)
  })
})

test('the largest session that there can be is a document of some MB, and can be read', () => {
  const ids = Array.from({ length: PARTICIPANT_LIMIT }, (_, index) => FIRST_ID + index)
  const session = aSession({
    // The first proposes, and joined before that.
    participants: ids.map((id, at) => ({ id, name: `@${'x'.repeat(32)}`, update: at === 0 ? 2 : 987_654_321 })),
    departures: Object.fromEntries(ids.slice(0, DEPARTURE_LIMIT).map((id) => [id, 987_654_321])),
  })
  const each = Math.floor((VOTE_LIMIT - 1) / (PROPOSAL_LIMIT - 1))
  while (session.proposals.length < PROPOSAL_LIMIT - 1) decided(session, withVotes(session, each))
  const funds = { each: null, members: Object.fromEntries(ids.map((id) => [id, 0.123456789])) }
  withVotes(session, PARTICIPANT_LIMIT, { funds })
  const { text } = serialise(session, 1_000_000, 'Uakgb_J5m9g')
  expect(Buffer.byteLength(text)).toBeLessThan(5 * MB)
  expect(parseDocument(text)).toMatchObject({ kind: 'ok' })
})

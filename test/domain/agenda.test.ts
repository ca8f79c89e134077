import { expect, test } from 'vitest'
import { agenda } from '../../src/domain/agenda.ts'
import { closeSession, FAREWELL_MS } from '../../src/domain/lifetime.ts'
import { closeProposal } from '../../src/domain/proposals.ts'
import type { Session } from '../../src/domain/session.ts'
import { MINUTE } from '../../src/domain/time.ts'
import { joinedBy, NOW, proposed } from './sessions.ts'

const tasks = (session: Session) => agenda(session).map(({ kind, id }) => `${kind} ${id}`)

const session = () => joinedBy([7], { id: 'session' })

test('a new session needs its card, and its end', () => {
  const it = session()
  expect(agenda(it)).toEqual([
    { kind: 'card', id: 'session', at: NOW },
    { kind: 'end', id: 'session', at: it.expiresAt - FAREWELL_MS },
  ])
  it.msgId = 5
  expect(tasks(it)).toEqual(['end session'])
})

test('an open proposal needs its card, and its decision at the deadline', () => {
  const it = session()
  it.msgId = 5
  const proposal = proposed(it, { id: 'p1' })
  expect(agenda(it)).toEqual([
    { kind: 'card', id: 'p1', at: NOW },
    { kind: 'close', id: 'p1', at: proposal.endTime },
    { kind: 'end', id: 'session', at: it.expiresAt - FAREWELL_MS },
  ])
})

test('a decision is to be recorded, and told only when it is', () => {
  const it = session()
  it.msgId = 5
  const proposal = proposed(it, { id: 'p1' })
  closeProposal(it, 'p1', proposal.endTime + 7)
  expect(agenda(it)[0]).toEqual({ kind: 'archive', id: 'p1', at: proposal.endTime + 7 })
  expect(tasks(it)).toEqual(['archive p1', 'end session'])
  proposal.archived = true
  expect(agenda(it)[0]).toEqual({ kind: 'announce', id: 'p1', at: proposal.endTime + 7 })
  proposal.notice = 9
  expect(tasks(it)).toEqual(['end session'])
})

test('earlier decisions stay on it while a later vote is open', () => {
  const it = session()
  const first = proposed(it, { id: 'p1' })
  closeProposal(it, 'p1', first.endTime)
  proposed(it, { id: 'p2' }, first.endTime + MINUTE)
  expect(tasks(it)).toEqual(['archive p1', 'card p2', 'close p2', 'card session', 'end session'])
})

test('a closed session is to be recorded and told, with the decision its closing made', () => {
  const it = session()
  it.msgId = 5
  const proposal = proposed(it, { id: 'p1' })
  closeSession(it, { reason: 'admin', update: 200 }, NOW + MINUTE)
  expect(tasks(it)).toEqual(['archive p1', 'archive session'])
  Object.assign(proposal, { notice: 0, archived: true })
  it.archived = true
  expect(tasks(it)).toEqual(['farewell session'])
  // While a decision is still to be told, there is nothing to ring a farewell for.
  proposal.notice = null
  expect(tasks(it)).toEqual(['announce p1'])
  proposal.notice = 0
  it.notice = 11
  expect(agenda(it)).toEqual([])
})

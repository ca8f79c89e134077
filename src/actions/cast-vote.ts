import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import { type Ballot, type CountedVote, castVote as voteRule } from '../domain/votes.ts'
import type { Deps } from './deps.ts'
import { applyRule, inCurrentSession, orNoSession } from './session-update.ts'

/** A spoken vote names no proposal: it is for the one now open in the chat. */
export type CastVote = { chatId: number; target: { sessionId: string; proposalId: string } | undefined; ballot: Ballot }

/** Counts a vote; when this resolves, it is stored. */
export const castVote = (deps: Deps, wish: CastVote): Promise<Refusal | CountedVote> =>
  inCurrentSession(deps, wish.chatId, wish.target?.sessionId, (id) => castIn(deps, wish, id))

async function castIn(deps: Deps, wish: CastVote, indexed: string | undefined): Promise<Refusal | CountedVote> {
  if (wish.target && wish.target.sessionId !== indexed) return refuse('button_outdated', {})
  if (indexed === undefined) return refuse('no_session', {})
  let isNew = false
  const outcome = orNoSession(
    await applyRule(deps, indexed, (session) => {
      const step = voteRule(session, wish.target?.proposalId, wish.ballot, deps.stake, deps.clock.now())
      isNew = !isRefusal(step) && step.changed
      return step
    }),
  )
  if (isRefusal(outcome)) return outcome
  if (isNew) deps.telemetry.vote(outcome.vote.vote)
  if (outcome.lastCall)
    await deps.alarms.ring({ kind: 'close', id: outcome.proposalId, session: indexed, at: outcome.endTime })
  await deps.repaint(indexed, outcome.proposalId)
  return outcome
}

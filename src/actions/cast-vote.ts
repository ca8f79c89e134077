import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import { type Ballot, type CountedVote, castVote as voteRule } from '../domain/votes.ts'
import { asIs, type Within } from '../lib/correlation.ts'
import type { Deps } from './deps.ts'
import { applyRule, inCurrentSession, orNoSession } from './session-update.ts'

/**
 * A spoken vote names no proposal: it is for the one now open in the chat. `inside` is for votes that are not followed from
 * their beginning.
 */
export type CastVote = {
  chatId: number
  target: { sessionId: string; proposalId: string } | undefined
  ballot: Ballot
  inside?: Within
}

/** Counts a vote; when this resolves, it is stored. */
export const castVote = (deps: Deps, wish: CastVote): Promise<Refusal | CountedVote> =>
  inCurrentSession(deps, wish, wish.target?.sessionId, (id) => castIn(deps, wish, id))

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
  const { lastCall, proposalId, endTime } = outcome
  if (!lastCall && deps.isPaintPlanned(proposalId)) return outcome
  await (wish.inside ?? asIs)(async () => {
    if (lastCall) await deps.alarms.ring({ kind: 'close', id: proposalId, session: indexed, at: endTime })
    await deps.repaint(indexed, proposalId)
  })
  return outcome
}

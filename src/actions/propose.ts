import { propose as proposeRule, type Wish, wishProblem } from '../domain/proposals.ts'
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import { type Person, type Proposal, proposalOf, type Session } from '../domain/session.ts'
import type { Trade } from '../domain/trade.ts'
import { idOfMessage } from '../lib/ids.ts'
import { isAllowedChat } from './allowed-groups.ts'
import type { Deps } from './deps.ts'
import { applyRule, currentSession, orNoSession, ringAgenda } from './session-update.ts'
import { factsOf, spelled } from './trade-facts.ts'

export type Propose = {
  chatId: number
  by: Person
  trade: Trade
  minutes: number | undefined
  messageId: number
  update: number
  saidAt: number
}

/** Puts a trade to the vote. */
export async function propose(deps: Deps, wish: Propose): Promise<Refusal | Proposal> {
  const current = await currentSession(deps, wish.chatId)
  if (isRefusal(current)) return current
  const { chatId, messageId, trade, minutes, by, update, saidAt } = wish
  const id = idOfMessage('proposal', deps.botId, chatId, messageId)
  return putToVote(deps, current.session, { id, trade, minutes, by, update, saidAt })
}

/**
 * Opens the vote, or finds the one that the same wish opened before. What has to be looked up is asked once, outside of
 * the transition, and only where the session would take the proposal.
 */
export async function putToVote(deps: Deps, session: Session, typed: Wish): Promise<Refusal | Proposal> {
  const present = proposalOf(session, typed.id)
  const outcome = present ?? (await open(deps, session, { ...typed, trade: spelled(deps, typed.trade) }))
  if (isRefusal(outcome)) return outcome
  await ringAgenda(deps, { ...session, proposals: [outcome] }, ['card', 'close'])
  return outcome
}

async function open(deps: Deps, session: Session, wish: Wish): Promise<Refusal | Proposal> {
  if (!(await isAllowedChat(deps, session.chatId))) return refuse('group_not_allowed', { chat: String(session.chatId) })
  const problem = wishProblem(session, wish, deps.stake)
  if (problem) return problem
  const facts = await factsOf(deps, session, wish)
  if (isRefusal(facts)) return facts
  // The due time is in the registry before the document is written.
  await deps.registry.expect(session.id, session.groupId, deps.clock.now())
  const outcome = orNoSession(
    await applyRule(deps, session.id, (draft) => {
      const step = proposeRule(draft, { ...wish, ...facts }, deps.stake, deps.clock.now())
      return isRefusal(step) ? step : { ...step, value: structuredClone(step.value) }
    }),
  )
  if (!isRefusal(outcome))
    deps.log.info({ session: session.id, proposal: outcome.id, side: outcome.trade.side }, 'a vote was opened')
  return outcome
}

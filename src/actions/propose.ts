import { propose as proposeRule } from '../domain/proposals.ts'
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts'
import type { Person, Proposal } from '../domain/session.ts'
import type { Trade } from '../domain/trade.ts'
import { idOfMessage } from '../lib/ids.ts'
import type { Deps } from './deps.ts'
import { applyRule, orNoSession, ringAgenda, sessionOfChat } from './session-update.ts'

export type Propose = {
  chatId: number
  by: Person
  trade: Trade
  minutes: number | undefined
  messageId: number
  update: number
  saidAt: number
}

/** Puts a trade to the vote. The due time is entered in the registry before the document is written. */
export async function propose(deps: Deps, wish: Propose): Promise<Refusal | Proposal> {
  const current = await sessionOfChat(deps, wish.chatId)
  if (!current) return refuse('no_session', {})
  const { session } = current
  const id = idOfMessage('proposal', deps.botId, wish.chatId, wish.messageId)
  await deps.registry.expect(session.id, session.groupId, deps.clock.now())
  const outcome = orNoSession(
    await applyRule(deps, session.id, (draft) => {
      const facts = {
        id,
        trade: wish.trade,
        minutes: wish.minutes,
        by: wish.by,
        update: wish.update,
        saidAt: wish.saidAt,
      }
      return proposeRule(draft, facts, deps.stake, deps.clock.now())
    }),
  )
  if (isRefusal(outcome)) return outcome
  await ringAgenda(deps, { ...session, proposals: [outcome] }, ['card', 'close'])
  deps.log.info({ session: session.id, proposal: outcome.id, text: outcome.text }, 'a vote was opened')
  return outcome
}

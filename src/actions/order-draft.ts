import { toUnits } from '../domain/amount.ts'
import type { Pledge } from '../domain/pledges.ts'
import type { Proposal, Session } from '../domain/session.ts'
import { HOUR } from '../domain/time.ts'
import type { TradingRules } from '../domain/trading-rules.ts'
import { typeableIdOf } from '../lib/ids.ts'
import type { OrderDraft } from '../trading/ledger.ts'

/** What has not been carried out by then never is. */
export const ORDER_LIFE_MS = 24 * HOUR

/** The order that an approved proposal becomes when it is written down now. */
export function orderDraftOf(
  session: Session,
  proposal: Proposal,
  rules: TradingRules,
  now: number,
): OrderDraft | undefined {
  const { trade, result } = proposal
  if (!result?.approved) return undefined
  const common = {
    id: typeableIdOf('order', proposal.id),
    reference: proposal.reference,
    venue: rules.venue,
    createdAt: now,
    notBefore: now + rules.delayMs,
    expiresAt: now + ORDER_LIFE_MS,
  }
  if (trade.side === 'sell') {
    const { order: sourceOrder, percent, token = '' } = trade
    return { ...common, side: 'sell', token, price: 'market', sourceOrder, percent }
  }
  const { startingBalance, perDay } = rules
  const perTrade = [trade.cap === undefined ? undefined : toUnits(trade.cap), rules.perTrade]
  return {
    ...common,
    side: 'buy',
    token: trade.token,
    price: trade.price,
    wishes: wishesOf(session, proposal),
    limits: { perTrade: perTrade.filter((limit) => limit !== undefined), perDay },
    startingBalance,
  }
}

/** In the order of the votes, which the update ids give. */
function wishesOf(session: Session, proposal: Proposal): Pledge[] {
  const names = new Map(session.participants.map(({ id, name }) => [String(id), name]))
  return Object.entries(proposal.votes)
    .filter(([, vote]) => vote.vote === 'yes')
    .sort(([, a], [, b]) => a.update - b.update)
    .map(([id, vote]) => ({ memberId: Number(id), memberName: names.get(id) ?? id, amount: toUnits(vote.amount) }))
}

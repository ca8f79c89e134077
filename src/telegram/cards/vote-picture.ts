import { toUnits } from '../../domain/amount.ts'
import type { Proposal, Session } from '../../domain/session.ts'
import type { VotePicture } from '../../pictures/pictures.ts'
import { withoutMarkup } from '../texts.ts'
import { amountText, type Look, tradeTitle } from './parts.ts'
import { reasonLine } from './result-card.ts'

/** What the picture of a decision shows; undefined while there is no decision. A sale has no stakes. */
export function votePicture(session: Session, proposal: Proposal, look: Look): VotePicture | undefined {
  const { texts, currency } = look
  const { result, trade } = proposal
  if (!result) return undefined
  const stakes = trade.side === 'buy' ? stakesOf(session, proposal) : []
  const reason = withoutMarkup(reasonLine(session, proposal, look))
  return {
    title: withoutMarkup(tradeTitle(texts, trade)),
    approved: result.approved,
    verdict: result.approved ? texts.plain('picture-approved', { reason }) : texts.plain('picture-refused', { reason }),
    counts: [
      { label: texts.plain('picture-yes'), count: result.yes },
      { label: texts.plain('picture-no'), count: result.no },
      { label: texts.plain('picture-abstained'), count: result.abstained },
    ],
    stakesTitle:
      stakes.length > 0 ? texts.plain('picture-stakes', { amount: amountText(result.yesAmount), currency }) : '',
    stakes: stakes.map(({ name, amount }) => ({ name, amount: amountText(amount) })),
    more: (hidden) => texts.plain('and-more', { count: hidden }),
    currency,
  }
}

/** Largest first, and among equals who voted first. */
function stakesOf({ participants }: Session, { votes }: Proposal): { name: string; amount: number }[] {
  const names = new Map(participants.map(({ id, name }) => [String(id), name]))
  return Object.entries(votes)
    .filter(([, { vote }]) => vote === 'yes')
    .map(([id, { amount, at }]) => ({ name: names.get(id) ?? `#${id}`, amount, units: toUnits(amount), at }))
    .sort((a, b) => (a.units === b.units ? a.at - b.at : a.units > b.units ? -1 : 1))
}

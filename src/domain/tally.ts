import { fromUnits, toUnits } from './amount.ts'
import { type Decision, type DecisionReason, electorateOf, type Proposal, type Rules, type Session } from './session.ts'

export type Tally = { yes: number; no: number; abstained: number; yesAmount: number; participants: number }

/** Counts the votes as they stand; `participants` is how many people could vote. */
export function tallyOf(proposal: Pick<Proposal, 'votes'>, participants: number): Tally {
  let yes = 0
  let no = 0
  let units = 0n
  for (const vote of Object.values(proposal.votes)) {
    if (vote.vote === 'no') no += 1
    else {
      yes += 1
      units += toUnits(vote.amount)
    }
  }
  return { yes, no, abstained: Math.max(0, participants - yes - no), yesAmount: fromUnits(units), participants }
}

/** How many votes the quorum asks for, 0 where there is none. */
export function quorumOf(rules: Rules, participants: number): number {
  if (!rules.quorum) return 0
  return 'count' in rules.quorum ? rules.quorum.count : Math.ceil((participants * rules.quorum.percent) / 100)
}

/** The group's rules for this proposal. A quorum of more votes than a sale has holders asks for all of them. */
export function rulesFor(
  session: Pick<Session, 'participants' | 'rules'>,
  proposal: Pick<Proposal, 'type' | 'holders'>,
): Rules {
  const { rules } = session
  if (proposal.type === 'buy' || !rules.quorum || !('count' in rules.quorum)) return rules
  const voters = electorateOf(session, proposal).length
  return rules.quorum.count <= voters ? rules : { ...rules, quorum: { count: voters } }
}

/**
 * The group's rule: more yes than no, unless the group asked for a quorum (checked first) or a threshold.
 * A tie, or nobody voting, is a refusal.
 */
export function reasonOf(tally: Tally, rules: Rules): DecisionReason {
  const voted = tally.yes + tally.no
  if (voted === 0) return 'no_votes'
  if (voted < quorumOf(rules, tally.participants)) return 'no_quorum'
  if (rules.threshold !== undefined && tally.yes > tally.no)
    return tally.yes * 100 >= rules.threshold * voted ? 'threshold' : 'below_threshold'
  if (tally.yes === tally.no) return 'tie'
  return tally.yes > tally.no ? 'majority' : 'rejected'
}

export function decide(tally: Tally, reason: DecisionReason, closedAt: number): Decision {
  const { yes, no, abstained, yesAmount } = tally
  return { approved: reason === 'majority' || reason === 'threshold', reason, yes, no, abstained, yesAmount, closedAt }
}

import type { Ballot } from '../contender.ts'

/** A vote as the other bots keep it, with the fields that this bot gives its own. */
export type Vote = { vote: 'yes' | 'no'; amount: number; at: number; update: number }

/** A session as the other bots keep it. Some keep its votes with its proposal, some beside it. */
export type Document = ReturnType<typeof documentOf>

/** What Telegraf and grammY hand to a handler of buttons. */
export const VOTE_BUTTON = /^1\.(yes|no)\.([\w-]+)\.([\w-]+)(?:\.([a-z0-9]+))?$/

const UNITS = 1_000_000_000

/** The vote of a tap. The stake is written in billionths, to the base of 36. */
export function voteOf(tapped: RegExpMatchArray, update: number): Vote {
  const vote = tapped[1] as 'yes' | 'no'
  return { vote, amount: vote === 'yes' ? Number.parseInt(tapped[4]!, 36) / UNITS : 0, at: Date.now(), update }
}

/** A session that everybody has joined, with one open proposal: as large as this bot's own at the same point. */
export function documentOf({ chatId, messageId, yes, firstVoter, voters }: Ballot) {
  const [, , id, proposalId] = yes.split('.') as [string, string, string, string]
  const now = Date.now()
  return {
    id,
    message: 'Bench',
    chatId,
    msgId: messageId - 1,
    open: true,
    createdBy: firstVoter,
    createdByUsername: `@p${firstVoter}`,
    createdAt: now,
    votingMinutes: 5,
    participants: Array.from({ length: voters }, (_, n) => ({
      id: firstVoter + n,
      name: `@p${firstVoter + n}`,
      update: n + 2,
    })),
    proposals: [
      {
        id: proposalId,
        text: 'BUY token=BONK amount=0.05 price=market',
        type: 'buy',
        trade: { side: 'buy', token: 'BONK', amount: 0.05, price: 'market' },
        votes: {} as Record<string, Vote>,
        open: true,
        createdBy: firstVoter,
        createdByUsername: `@p${firstVoter}`,
        msgId: messageId,
        duration: 60,
        startTime: now,
        endTime: now + 3_600_000,
        result: null,
        update: voters + 2,
      },
    ],
    votes: {} as Record<string, Vote>,
    update: 1,
  }
}

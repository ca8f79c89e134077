import { openSession } from '../../src/domain/lifetime.ts'
import { join } from '../../src/domain/participants.ts'
import { type NewProposal, propose } from '../../src/domain/proposals.ts'
import { isRefusal } from '../../src/domain/refusal.ts'
import type { Proposal, Session } from '../../src/domain/session.ts'
import type { StakeBounds } from '../../src/domain/stake.ts'

export const NOW = 1_767_000_000_000
export const BOUNDS: StakeBounds = { least: 0.001, most: 1 }

export const aSession = (facts: Partial<Session> = {}): Session => ({
  ...openSession({
    id: 'V1StGXR8_Z5j',
    message: 'Buy BONK token',
    chatId: -1001234567890,
    createdBy: 1,
    createdByUsername: '@admin',
    createdAt: NOW,
    votingMinutes: 5,
    groupId: 'group',
    language: 'en',
    rules: {},
    lifetimeMinutes: 1440,
    update: 1,
  }),
  ...facts,
})

/** A session that these people have joined, by the updates 2, 3, … */
export function joinedBy(people: readonly number[], facts: Partial<Session> = {}): Session {
  const session = aSession(facts)
  for (const [index, id] of people.entries()) join(session, { id, name: `@user${id}` }, index + 2, NOW)
  return session
}

export const BONK = { side: 'buy', token: 'BONK', amount: 0.05, price: 'market' } as const

export const wish = (facts: Partial<NewProposal> & { by: NewProposal['by'] }): NewProposal => ({
  id: '3IrR2kQ1b7wz',
  trade: BONK,
  minutes: undefined,
  update: 100,
  saidAt: NOW,
  reference: { price: '0.00002', at: NOW, source: 'simulated' },
  funds: null,
  holders: null,
  ...facts,
})

/** What a sale by these holders adds to a wish. */
export const saleBy = (holders: readonly number[], percent = 50) => ({
  trade: { side: 'sell', order: 'k3f9x2abcd', percent, token: 'BONK' } as const,
  holders: holders.map((id) => ({ id, name: `@user${id}` })),
})

/** An open proposal by the first participant. */
export function proposed(session: Session, facts: Partial<NewProposal> = {}, now = NOW): Proposal {
  const { id, name } = session.participants[0]!
  const outcome = propose(session, wish({ by: { id, name }, saidAt: now, ...facts }), BOUNDS, now)
  if (isRefusal(outcome)) throw new Error(JSON.stringify(outcome))
  return outcome.value
}

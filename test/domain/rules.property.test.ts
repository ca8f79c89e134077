import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agenda } from '../../src/domain/agenda.ts'
import { toUnits } from '../../src/domain/amount.ts'
import { LAST_CALL_MS } from '../../src/domain/last-call.ts'
import { closeSession, renew } from '../../src/domain/lifetime.ts'
import type { Done } from '../../src/domain/outcome.ts'
import { join, leave } from '../../src/domain/participants.ts'
import { closeProposal, propose, tallyIn } from '../../src/domain/proposals.ts'
import { isRefusal } from '../../src/domain/refusal.ts'
import { openProposalOf, type Proposal, proposalOf, type Session } from '../../src/domain/session.ts'
import { HOUR, MINUTE } from '../../src/domain/time.ts'
import { type Choice, castVote } from '../../src/domain/votes.ts'
import { anAmount } from './arbitraries.ts'
import { aSession, BOUNDS, NOW, saleBy, wish } from './sessions.ts'

type Wish =
  | { do: 'join' | 'leave'; who: number }
  /** A sale where there are holders. */
  | { do: 'propose'; who: number; holders: number[] | undefined }
  | { do: 'vote'; who: number; choice: Choice; button: boolean; agoMs: number }
  | { do: 'close proposal' | 'close session' | 'end' }

/** `older`: 0 for a fresh update id, else how far it lies behind the newest. */
type Step = { wish: Wish; afterMs: number; older: number; replay: number | undefined }

/** What was asked for, with everything that a second delivery would carry again. */
type Delivered = { wish: Wish; update: number; at: number; proposalId: string | undefined }

type Outcome = { refused: string } | Done<unknown>

/** What a person reads off the deliveries that were taken, kept apart from the session. */
type Book = {
  session: Session
  now: number
  newest: number
  taken: Delivered[]
  seats: Set<number>
  ballots: Map<string, Map<number, { choice: Choice; update: number }>>
  results: Map<string, Proposal['result']>
}

const PEOPLE = [1, 2, 3, 4]
/** What the fourth has is less than the suggested stake, the third's less than any. */
const FUNDS = { each: 0.5, members: { 4: 0.04, 3: 0.0001 } }
const fundsOf = (who: number): number => ({ 4: 0.04, 3: 0.0001 })[who] ?? 0.5

function apply(session: Session, { wish: it, update, at, proposalId }: Delivered, now: number): Outcome {
  switch (it.do) {
    case 'join':
      return join(session, { id: it.who, name: `@user${it.who}` }, update, now)
    case 'leave':
      return leave(session, it.who, update, now)
    case 'propose':
      return propose(
        session,
        wish({
          ...(it.holders ? saleBy(it.holders) : { funds: FUNDS }),
          id: `p${update}`,
          by: { id: it.who, name: `@user${it.who}` },
          update,
          saidAt: at,
        }),
        BOUNDS,
        now,
      )
    case 'vote':
      return castVote(session, proposalId, { voter: it.who, choice: it.choice, at, update }, BOUNDS, now)
    case 'close proposal':
      return closeProposal(session, proposalId ?? 'none', now) ?? { refused: 'no proposal' }
    case 'close session':
      return closeSession(session, { reason: 'admin', update }, now)
    case 'end':
      return closeSession(session, { reason: 'lifetime' }, now)
  }
}

/** Applies it as the store does, and holds what is true of every single delivery. */
function deliver(book: Book, delivered: Delivered): Outcome {
  const { session, now } = book
  const before = structuredClone(session)
  const outcome = apply(session, delivered, now)
  const changed = !isRefusal(outcome) && 'changed' in outcome && outcome.changed
  expect(isDeepStrictEqual(session, before)).toBe(!changed)
  if (changed && session.open) renew(session, now)
  if (changed) note(book, delivered, before)
  holdSale(book, delivered, before)
  return outcome
}

function note(book: Book, { wish: it, update }: Delivered, before: Session): void {
  if (it.do === 'join') book.seats.add(it.who)
  if (it.do === 'leave') book.seats.delete(it.who)
  if (it.do !== 'vote') return
  const voted = openProposalOf(before)!
  expect(votersOf(book, voted)).toContain(it.who)
  const ballots = book.ballots.get(voted.id) ?? new Map()
  expect(update).toBeGreaterThan(ballots.get(it.who)?.update ?? -1)
  book.ballots.set(voted.id, ballots.set(it.who, { choice: it.choice, update }))
}

/** Those who take part, or of a sale those who hold. */
const votersOf = ({ seats }: Book, { type, holders }: Proposal): number[] =>
  type === 'sell' ? holders!.map((one) => one.id) : [...seats]

const targetOf = (it: Wish, session: Session): string | undefined => {
  if (it.do === 'close proposal') return session.proposals.at(-1)?.id
  return it.do === 'vote' && it.button ? (openProposalOf(session)?.id ?? 'gone') : undefined
}

const unitsOf = (choice: Choice, { type }: Proposal): bigint => {
  if (choice.vote === 'no' || type === 'sell') return 0n
  return toUnits(choice.amount ?? 0.05)
}

function holdTally(book: Book, proposal: Proposal): void {
  const ballots = [...(book.ballots.get(proposal.id)?.values() ?? [])]
  const yes = ballots.filter(({ choice }) => choice.vote === 'yes').length
  const tally = proposal.open ? tallyIn(book.session, proposal) : proposal.result!
  expect(tally).toMatchObject({ yes, no: ballots.length - yes })
  expect(toUnits(tally.yesAmount)).toBe(ballots.reduce((sum, { choice }) => sum + unitsOf(choice, proposal), 0n))
  if (proposal.open) expect(tally.abstained).toBe(votersOf(book, proposal).length - ballots.length)
}

function holdOpen(book: Book, proposal: Proposal): void {
  const { session, now } = book
  const voters = votersOf(book, proposal)
  for (const [voter, { vote, amount }] of Object.entries(proposal.votes)) {
    expect(voters).toContain(Number(voter))
    if (proposal.type === 'sell') expect(amount).toBe(0)
    else if (vote === 'yes') expect(amount).toBeLessThanOrEqual(fundsOf(Number(voter)))
  }
  expect(session.expiresAt).toBeGreaterThanOrEqual(proposal.endTime + HOUR)
  const announced = proposal.startTime + proposal.duration * MINUTE
  expect(proposal.endTime).toBeLessThanOrEqual(announced)
  if (proposal.endTime < announced) expect(proposal.endTime).toBeLessThanOrEqual(now + LAST_CALL_MS)
  if (proposal.type === 'buy') return
  const haveAllVoted = Object.keys(proposal.votes).length === voters.length
  if (haveAllVoted) expect(proposal.endTime).toBeLessThanOrEqual(now + LAST_CALL_MS)
  else expect(proposal.endTime).toBe(announced)
}

function holdClosed({ session, results }: Book, proposal: Proposal): void {
  expect(proposal.result).not.toBeNull()
  if (results.has(proposal.id)) expect(proposal.result).toEqual(results.get(proposal.id))
  results.set(proposal.id, structuredClone(proposal.result))
  const kinds = agenda(session).filter((task) => task.id === proposal.id)
  expect(kinds.map((task) => task.kind)).toEqual(['archive'])
}

function hold(book: Book, wasOpen: boolean): void {
  const { session, seats, results } = book
  if (!wasOpen) expect(session.open).toBe(false)
  expect(session.participants.map((one) => one.id).toSorted()).toEqual([...seats].toSorted())
  const open = session.proposals.filter((one) => one.open)
  expect(open.length).toBeLessThanOrEqual(session.open ? 1 : 0)
  for (const proposal of session.proposals) {
    holdTally(book, proposal)
    if (!proposal.open) holdClosed(book, proposal)
    else {
      expect(results.has(proposal.id)).toBe(false)
      holdOpen(book, proposal)
    }
  }
}

/** Who comes and who goes decides neither when a sale ends nor who may vote on it. */
function holdSale({ session }: Book, { wish: it }: Delivered, before: Session): void {
  const sale = openProposalOf(before)
  if (sale?.type !== 'sell' || (it.do !== 'join' && it.do !== 'leave')) return
  expect(proposalOf(session, sale.id)).toEqual(sale)
  expect(tallyIn(session, sale).participants).toBe(sale.holders!.length)
}

/** Delivered again, now or much later, it succeeds again and changes nothing. */
function holdRepeat(book: Book, delivered: Delivered): void {
  const outcome = deliver(book, delivered)
  expect(outcome).toMatchObject({ changed: false })
}

function run(steps: readonly Step[]): Book {
  const book: Book = {
    session: aSession(),
    now: NOW,
    newest: 1,
    taken: [],
    seats: new Set(),
    ballots: new Map(),
    results: new Map(),
  }
  for (const who of PEOPLE.slice(1))
    deliver(book, { wish: { do: 'join', who }, update: ++book.newest, at: NOW, proposalId: undefined })
  for (const { wish: it, afterMs, older, replay } of steps) {
    book.now += afterMs
    const update = older === 0 ? ++book.newest : Math.max(1, book.newest - older)
    const wasOpen = book.session.open
    const late = 'agoMs' in it ? it.agoMs : 0
    const delivered = { wish: it, update, at: book.now - late, proposalId: targetOf(it, book.session) }
    const outcome = deliver(book, delivered)
    hold(book, wasOpen)
    if (!('changed' in outcome)) continue
    holdRepeat(book, delivered)
    if (outcome.changed) book.taken.push(delivered)
    if (replay !== undefined && book.taken.length > 0) holdRepeat(book, book.taken[replay % book.taken.length]!)
  }
  return book
}

const aChoice: fc.Arbitrary<Choice> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Choice>({ vote: 'no' }) },
  { weight: 4, arbitrary: fc.constant<Choice>({ vote: 'yes' }) },
  fc.constantFrom(0, 0.03, 0.05, 0.1, 0.25, undefined).map<Choice>((amount) => ({ vote: 'yes', amount })),
  anAmount(1).map<Choice>((amount) => ({ vote: 'yes', amount })),
)

const who = fc.constantFrom(...PEOPLE)

const aWish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ do: fc.constant('join' as const), who }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('leave' as const), who }) },
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constant('propose' as const),
      who,
      holders: fc.option(fc.uniqueArray(who, { minLength: 1, maxLength: 3 }), { nil: undefined, freq: 3 }),
    }),
  },
  {
    weight: 60,
    arbitrary: fc.record({
      do: fc.constant('vote' as const),
      who,
      choice: aChoice,
      button: fc.boolean(),
      agoMs: fc.constantFrom(0, 0, 0, 500, 20_000),
    }),
  },
  { weight: 15, arbitrary: fc.constant<Wish>({ do: 'close proposal' }) },
  { weight: 1, arbitrary: fc.constantFrom<Wish>({ do: 'close session' }, { do: 'end' }) },
)

const aStep: fc.Arbitrary<Step> = fc.record({
  wish: aWish,
  afterMs: fc.constantFrom(0, 0, 1, 1, 1000, 1000, 1000, 9000, 10_000, 5 * MINUTE),
  older: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 12 }) }),
  replay: fc.option(fc.nat(), { nil: undefined, freq: 3 }),
})

test('any sequence of deliveries keeps the session sound', () => {
  let votes = 0
  let decided = 0
  let sold = 0
  fc.assert(
    fc.property(fc.array(aStep, { minLength: 1, maxLength: 80, size: 'max' }), (steps) => {
      const { session, ballots, results } = run(steps)
      votes += [...ballots.values()].reduce((sum, one) => sum + one.size, 0)
      decided += results.size
      sold += session.proposals.filter((one) => one.type === 'sell' && one.result?.approved).length
    }),
    { numRuns: 600 },
  )
  // Guards against sequences in which nothing ever happens.
  expect(votes).toBeGreaterThan(500)
  expect(decided).toBeGreaterThan(200)
  expect(sold).toBeGreaterThan(30)
})

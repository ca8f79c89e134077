import { SECOND } from '../../src/lib/clock.ts'
import type { Setting } from './plan.ts'
import type { Random } from './random.ts'

/** Who does it is a place in the group: first the admins, then the members, last those who never join. */
export type PlannedDeed = { afterMs: number; person: number } & (
  | { kind: 'tap'; button: 'no' | 'yes' | 'more' }
  | { kind: 'say'; text: string }
  | { kind: 'seat'; button: 'Join' | 'Skip' }
  /** Taps a button that was shown earlier and may be gone by now. */
  | { kind: 'stale' }
  /** A client of one's own making. */
  | { kind: 'forge'; data: string }
)

export type ProposalPlan = {
  proposer: number
  /** A sale needs something that was bought before; without it, this is a purchase. */
  side: 'buy' | 'sell'
  text: string
  deeds: PlannedDeed[]
  /** After the decision. */
  late: PlannedDeed[]
  /** Where set, an admin closes the session in the middle of the vote. */
  closedAfterMs: number | undefined
}

export type SessionPlan = { title: string; seats: PlannedDeed[]; proposals: ProposalPlan[]; closes: boolean }

export type GroupPlan = {
  place: number
  admins: number
  people: number
  strangers: number
  startsAfterMs: number
  sessions: SessionPlan[]
}

const TOKENS = ['BONK', 'WIF', 'POPCAT', 'MALONEY']
const STAKES = ['0.05', '0.1', '0.02', '0.001', '0.123456789', '0.3']
const WRONG = [
  '/vote maybe',
  '/vote yes 99',
  '/vote yes 0,05',
  '/vote no 0.05',
  '/vote',
  '/propose nonsense',
  '/propose buy BONK 5000',
  '/create_session',
  '/status',
  '/history',
  '/portfolio',
  '/orders',
  '/help',
]
const FORGED = ['1.yes', '1.join.AAAAAAAAAAAA', '1.yes.AAAAAAAAAAAA.BBBBBBBBBBBB.1', '0.no.x', '1.history.9999', '☃']

export function planGroup(place: number, setting: Setting, random: Random): GroupPlan {
  const admins = random.between(1, 2)
  const people = random.between(5, 12)
  const strangers = random.between(1, 2)
  const who = { admins, people, all: people + strangers }
  const count = random.between(1, 3)
  const sessions = Array.from({ length: count }, (_, n) => planSession(place, n, who, random.fork(`session ${n}`)))
  return { place, admins, people, strangers, startsAfterMs: random.between(0, setting.stormMs / 5), sessions }
}

type Who = { admins: number; people: number; all: number }

function planSession(place: number, n: number, who: Who, random: Random): SessionPlan {
  const seats: PlannedDeed[] = []
  for (let person = 0; person < who.people; person++) {
    const afterMs = random.between(0, 1500)
    seats.push({ kind: 'seat', button: 'Join', person, afterMs })
    // Some change their mind, and some change it back.
    if (!random.chance(0.12)) continue
    seats.push({ kind: 'seat', button: 'Skip', person, afterMs: afterMs + random.between(100, 1500) })
    if (random.chance(0.5)) seats.push({ kind: 'seat', button: 'Join', person, afterMs: afterMs + 3 * SECOND })
  }
  const count = random.between(1, 3)
  const proposals = Array.from({ length: count }, (_, m) => planProposal(m, who, random.fork(`proposal ${m}`)))
  return { title: `Idea ${place}.${n}`, seats: byTime(seats), proposals, closes: random.chance(0.7) }
}

function planProposal(n: number, who: Who, random: Random): ProposalPlan {
  const side = n > 0 && random.chance(0.5) ? 'sell' : 'buy'
  // The minutes of the session are one: whoever does not vote is waited for so long.
  const text = side === 'buy' ? `/propose buy ${random.pick(TOKENS)} ${random.pick(STAKES)} 1m` : '/propose sell'
  const isFull = random.chance(0.75)
  const deeds = Array.from({ length: who.people }, (_, person) => person)
    .filter(() => isFull || random.chance(0.6))
    .flatMap((person) => ballotsOf(person, random.chance(0.75), random))
  const interference = Array.from({ length: random.between(0, 3) }, () => interfere(who, random))
  const late = Array.from({ length: random.between(0, 2) }, () => lateDeed(who, random))
  return {
    proposer: random.between(0, who.people - 1),
    side,
    text,
    deeds: byTime([...deeds, ...interference]),
    late: byTime(late),
    closedAfterMs: random.chance(0.08) ? random.between(2, 9) * SECOND : undefined,
  }
}

/** One to three votes of a person, the last of which tends to be the wished one. */
function ballotsOf(person: number, isYes: boolean, random: Random): PlannedDeed[] {
  const first = random.between(0, 5 * SECOND)
  const times = random.chance(0.45) ? random.between(2, 3) : 1
  return Array.from({ length: times }, (_, n) => {
    const wish = n === times - 1 ? isYes : random.chance(0.5)
    return ballot(person, first + n * random.between(50, 3000), wish, random)
  })
}

function ballot(person: number, afterMs: number, isYes: boolean, random: Random): PlannedDeed {
  if (random.chance(0.65))
    return { kind: 'tap', person, afterMs, button: isYes ? (random.chance(0.25) ? 'more' : 'yes') : 'no' }
  const stake = random.chance(0.5) ? ` ${random.pick(STAKES)}` : ''
  return { kind: 'say', person, afterMs, text: isYes ? `/vote yes${stake}` : '/vote no' }
}

function interfere(who: Who, random: Random): PlannedDeed {
  const person = random.between(0, who.all - 1)
  const afterMs = random.between(0, 8 * SECOND)
  const stranger = random.between(who.people, who.all - 1)
  const kinds: (() => PlannedDeed)[] = [
    () => ({ kind: 'say', person, afterMs, text: random.pick(WRONG) }),
    () => ({ kind: 'tap', person: stranger, afterMs, button: 'yes' }),
    () => ({ kind: 'say', person: stranger, afterMs, text: '/vote yes' }),
    () => ({ kind: 'say', person: stranger, afterMs, text: '/propose buy BONK 0.05 1m' }),
    () => ({ kind: 'say', person: stranger, afterMs, text: '/close_session' }),
    () => ({ kind: 'say', person: 0, afterMs, text: '/create_session "Another" 1' }),
    () => ({ kind: 'say', person, afterMs, text: '/propose buy WIF 0.05 1m' }),
    () => ({ kind: 'seat', button: random.chance(0.5) ? 'Join' : 'Skip', person, afterMs }),
    () => ({ kind: 'stale', person, afterMs }),
    () => ({ kind: 'forge', person, afterMs, data: random.pick(FORGED) }),
  ]
  return random.pick(kinds)()
}

function lateDeed(who: Who, random: Random): PlannedDeed {
  const person = random.between(0, who.people - 1)
  const afterMs = random.between(0, 1500)
  return random.chance(0.5)
    ? { kind: 'stale', person, afterMs }
    : { kind: 'say', person, afterMs, text: random.chance(0.5) ? '/vote yes' : '/vote no' }
}

const byTime = (deeds: PlannedDeed[]): PlannedDeed[] => deeds.sort((a, b) => a.afterMs - b.afterMs)

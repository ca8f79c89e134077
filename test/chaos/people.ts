import { SECOND, systemClock } from '../../src/lib/clock.ts'
import type { Emulator } from '../../src/sandbox/emulator.ts'
import type { Group } from '../../src/sandbox/groups.ts'
import type { Person } from '../../src/sandbox/people.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import type { Complaint, Meaning } from './evidence.ts'
import type { Notes } from './notes.ts'
import type { GroupPlan, PlannedDeed, ProposalPlan, SessionPlan } from './plan-groups.ts'

/** One group, in which the plan is carried out by what people see. */
export type Crowd = {
  plan: GroupPlan
  group: Group
  people: Person[]
  /** Buttons that were shown at some time. */
  seen: { message: ShownMessage; data: string }[]
}

export type Stage = {
  tg: Emulator
  notes: Notes
  /** After that nobody begins anything new. */
  endsAt: number
  /** How many times slower than it should be the machine is: people wait as much longer. */
  pace: number
  /** Says what somebody waited for in vain. */
  stuck(complaint: Complaint): void
}

/** How long people wait for an answer before they try again, and for what has to come before they complain. */
const PATIENCE_MS = 25 * SECOND
const DECISION_MS = 150 * SECOND
const LOOK_MS = 120

export function gather(tg: Emulator, plan: GroupPlan): Crowd {
  const people = Array.from({ length: plan.people + plan.strangers }, (_, n) =>
    tg.person(`P${plan.place}-${n}`, { username: `p${plan.place}_${n}` }),
  )
  const admins = people.slice(0, plan.admins)
  const group = tg.group(`Group ${plan.place}`, { admins, members: people.slice(plan.admins) })
  return { plan, group, people, seen: [] }
}

export async function act(stage: Stage, crowd: Crowd): Promise<void> {
  await systemClock.sleep(crowd.plan.startsAfterMs)
  for (const session of crowd.plan.sessions) {
    if (Date.now() > stage.endsAt) return
    await hold(stage, crowd, session)
  }
}

async function hold(stage: Stage, crowd: Crowd, plan: SessionPlan): Promise<void> {
  const card = await opens(stage, crowd, plan.title)
  if (!card) return stage.stuck({ words: `the session “${plan.title}” cannot be opened`, chatId: crowd.group.id })
  await perform(stage, crowd, plan.seats, { session: card })
  let isClosed = false
  for (const proposal of plan.proposals) {
    if (isClosed || Date.now() > stage.endsAt) break
    isClosed = await vote(stage, crowd, proposal, card)
  }
  // Another session cannot be opened while this one is.
  const isLast = crowd.plan.sessions.at(-1) === plan
  if (!isClosed && (plan.closes || !isLast)) await closes(stage, crowd)
}

/** Says it again where nothing comes of it: what was answered may have been lost with who answered, or wait for something. */
async function asksFor(
  stage: Stage,
  crowd: Crowd,
  person: Person,
  text: string,
  verb: 'join' | 'yes',
): Promise<ShownMessage | undefined> {
  const until = Date.now() + DECISION_MS * stage.pace
  let since: number | undefined
  for (let tries = 0; Date.now() < until && (verb === 'join' || tries < 4); tries++) {
    const said = await speak(stage, crowd, person, text)
    since ??= said.id
    const first = since
    const found = await comes(crowd, said, (message) => message.id > first && hasButton(message, verb))
    if (found) return found
    // Somebody's whim came between two sessions.
    const rival = crowd.group
      .fromBot()
      .find((message) => message.replyTo === said.id && message.text.includes('“Another”'))
    if (rival && verb === 'join') await speak(stage, crowd, person, '/close_session')
    await systemClock.sleep(Math.min(3 + 2 * tries, 10) * SECOND)
  }
  return undefined
}

const opens = (stage: Stage, crowd: Crowd, title: string) =>
  asksFor(stage, crowd, crowd.people[0]!, `/create_session "${title}" 1`, 'join')

/** Answers whether the session was closed in the middle of it. */
async function vote(stage: Stage, crowd: Crowd, plan: ProposalPlan, session: ShownMessage): Promise<boolean> {
  const text = plan.side === 'sell' ? saleOf(crowd) : plan.text
  const card = await asksFor(stage, crowd, crowd.people[plan.proposer]!, text, 'yes')
  if (!card) return false
  const closing = plan.closedAfterMs !== undefined && closesAfter(stage, crowd, plan.closedAfterMs)
  await perform(stage, crowd, plan.deeds, { session, proposal: card })
  if (closing) await closing
  await isDecided(stage, crowd, card)
  await perform(stage, crowd, plan.late, { session, proposal: card })
  return plan.closedAfterMs !== undefined
}

async function closesAfter(stage: Stage, crowd: Crowd, ms: number): Promise<void> {
  await systemClock.sleep(ms)
  await closes(stage, crowd)
}

async function closes(stage: Stage, crowd: Crowd): Promise<void> {
  let since: number | undefined
  for (let tries = 0; tries < 6; tries++) {
    const said = await speak(stage, crowd, crowd.people[0]!, '/close_session')
    since ??= said.id
    const first = since
    if (await comes(crowd, said, ({ id, text }) => id > first && text.startsWith('🏁 The session'))) return
    await systemClock.sleep(3 * SECOND)
  }
}

/** The newest thing bought that the group was told of; a purchase where there is none. */
function saleOf({ group }: Crowd): string {
  const bought = group.fromBot().findLast(({ text }) => /Bought/.test(text) && /Order [a-z0-9]{10}/.test(text))
  const id = bought && /Order ([a-z0-9]{10})/.exec(bought.text)?.[1]
  return id === undefined ? '/propose buy BONK 0.05 1m' : `/propose sell ${id} 50% 1m`
}

async function speak({ notes }: Stage, { group }: Crowd, person: Person, text: string): Promise<ShownMessage> {
  return (await notes.says(person, group, text, meaningOfWords(text))).message
}

function meaningOfWords(text: string): Meaning {
  const vote = /^\/vote (yes|no)(?: (\S+))?$/.exec(text)
  if (vote) return { kind: 'vote', vote: vote[1] as 'yes' | 'no', amount: stakeIn(vote[2]), proposalId: undefined }
  if (text.startsWith('/propose')) return { kind: 'propose' }
  if (text === '/close_session') return { kind: 'close' }
  const title = /^\/create_session "([^"]+)"/.exec(text)?.[1]
  return title === undefined ? { kind: 'other' } : { kind: 'create', title }
}

const stakeIn = (word: string | undefined) => (word === undefined ? undefined : Number(word))

const hasButton = (message: ShownMessage, verb: string): boolean =>
  message.buttonData.flat().some((data) => data?.startsWith(`1.${verb}.`))

/** Something newer than what was said; undefined where it is refused, or does not come. */
async function comes(
  { group, seen }: Crowd,
  said: ShownMessage,
  isIt: (message: ShownMessage) => boolean,
): Promise<ShownMessage | undefined> {
  const until = Date.now() + PATIENCE_MS
  while (Date.now() < until) {
    const found = group.fromBot().find(isIt)
    if (found) {
      for (const data of found.buttonData.flat()) if (data !== undefined) seen.push({ message: found, data })
      return found
    }
    if (group.fromBot().some((message) => message.replyTo === said.id)) return undefined
    await systemClock.sleep(LOOK_MS)
  }
  return undefined
}

async function isDecided(stage: Stage, crowd: Crowd, card: ShownMessage): Promise<void> {
  const until = Date.now() + DECISION_MS * stage.pace
  // A card that was posted twice is edited once: what people look for is the news.
  const isOver = () => crowd.group.fromBot().some(({ id, text }) => id >= card.id && /^(✅ Approved|❌ Not)/.test(text))
  while (!isOver()) {
    if (Date.now() > until)
      return stage.stuck({ words: `no decision of “${card.text.split('\n')[0]}”`, chatId: card.chatId })
    await systemClock.sleep(LOOK_MS)
  }
}

type Shown = { session: ShownMessage; proposal?: ShownMessage }

/** Does all of it, each at its time, and waits for what was tapped to be answered. */
async function perform(stage: Stage, crowd: Crowd, deeds: readonly PlannedDeed[], shown: Shown): Promise<void> {
  const beganAt = Date.now()
  const answers: Promise<unknown>[] = []
  for (const deed of deeds) {
    await systemClock.sleep(Math.max(0, beganAt + deed.afterMs - Date.now()))
    answers.push(perform1(stage, crowd, deed, shown))
  }
  const enough = new AbortController()
  await Promise.race([Promise.all(answers), systemClock.sleep(PATIENCE_MS, enough.signal)])
  enough.abort()
}

async function perform1(stage: Stage, crowd: Crowd, deed: PlannedDeed, shown: Shown): Promise<void> {
  const person = crowd.people[deed.person]!
  if (deed.kind === 'say') return void (await speak(stage, crowd, person, deed.text))
  const { message, data } = buttonFor(crowd, deed, shown) ?? {}
  if (message && data !== undefined) await stage.notes.taps(person, message, data).answered
}

function buttonFor(crowd: Crowd, deed: PlannedDeed, { session, proposal }: Shown) {
  const on = (message: ShownMessage | undefined, verb: string, nth = 0) => {
    const known = crowd.seen.filter((one) => one.message === message && one.data.startsWith(`1.${verb}.`))
    return known[Math.min(nth, known.length - 1)]
  }
  switch (deed.kind) {
    case 'tap':
      return on(proposal, deed.button === 'no' ? 'no' : 'yes', deed.button === 'more' ? 1 : 0)
    case 'seat':
      return on(session, deed.button.toLowerCase())
    case 'stale':
      return crowd.seen[(deed.afterMs * 7 + deed.person) % crowd.seen.length]
    case 'forge':
      return { message: session, data: deed.data }
    case 'say':
      return undefined
  }
}

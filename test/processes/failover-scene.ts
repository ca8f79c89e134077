import { expect, type TestContext } from 'vitest'
import type { Session } from '../../src/domain/session.ts'
import { tallyOf } from '../../src/domain/tally.ts'
import { MINUTE, SECOND, systemClock } from '../../src/lib/clock.ts'
import type { Group } from '../../src/sandbox/groups.ts'
import type { Person } from '../../src/sandbox/people.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import { parseDocument } from '../../src/storage/document.ts'
import { eventually } from '../support/bot-process.ts'
import type { RedisCluster, RedisSentinels } from '../support/redis-topology.ts'
import { type Scene, type SceneOptions, scene, shows } from './scene.ts'

type Cast = { voter: number; vote: 'yes' | 'no'; update: number; isCounted: boolean }

/** A group with an open vote, and everything that its people did. */
export type Table = { group: Group; people: Person[]; card: ShownMessage; casts: Cast[] }

export type FailoverScene = Scene & {
  tables: Table[]
  /** People vote all the while, each when their last vote was answered. Answers how to stop. */
  load(): () => Promise<void>
  /** Resolves when every table had a vote counted after this moment. */
  allCount(withinMs?: number): Promise<number>
  stored(table: Table): Promise<Session>
  /** Checks every document, and answers how many counted votes are in none. */
  lost(): Promise<number>
  /** Lets every vote end by everybody's voting, and checks what was decided, told and stored. */
  allDecided(): Promise<void>
}

const STAKE = 0.05

/** Groups enough that every master of a Cluster has some. */
export async function failoverScene(
  t: TestContext,
  redis: RedisCluster | RedisSentinels,
  options: SceneOptions & { groups: number; bots: number },
): Promise<FailoverScene> {
  t.onTestFinished(() => redis.stop())
  const env = { ...redis.env, PERSON_LIMIT: '0', CHAT_LIMIT: '0', ...options.env }
  const it = await scene(t, { ...options, postgres: true, people: 0, env })
  await Promise.all(Array.from({ length: options.bots }, (_, place) => it.starts(place)))
  const tables = await Promise.all(Array.from({ length: options.groups }, (_, n) => openTable(it, n)))
  const stored = async ({ group }: Table) => {
    const id = await redis.get(`session:chat:${group.id}`)
    const text = id && (await redis.get(`session:${id}`))
    if (!text) throw new Error(`nothing is stored of ${group.title}`)
    return soundDocument(text)
  }
  return {
    ...it,
    tables,
    load: () => load(tables),
    allCount: async (withinMs = 20 * SECOND) => {
      const since = Date.now()
      const counts = tables.map(({ casts }) => casts.filter((cast) => cast.isCounted).length)
      const isMore = (table: Table, n: number) => table.casts.filter((cast) => cast.isCounted).length > counts[n]! + 1
      await eventually(() => tables.every(isMore), withinMs, 'a counted vote in every group')
      return Date.now() - since
    },
    stored,
    async lost() {
      let lost = 0
      for (const table of tables) {
        // Before what is stored is read: what is counted while that is under way may not be in it.
        const counted = countedAt(table)
        lost += lostIn(table, counted, await stored(table))
      }
      return lost
    },
    allDecided: async () => void (await Promise.all(tables.map((table) => decidedAt(it, table, () => stored(table))))),
  }
}

async function openTable(it: Scene, n: number): Promise<Table> {
  const people = ['a', 'b', 'c'].map((letter) => it.tg.person(`${letter}${n}`, { username: `${letter}${n}` }))
  const group = it.tg.group(`Group ${n}`, { admins: people.slice(0, 1), members: people.slice(1) })
  const here = { tg: it.tg, group }
  await people[0]!.says(group, '/create_session "Buy BONK token" 60')
  const session = await shows(here, 'trading session')
  for (const person of people) await person.taps(session, 'Join')
  await people[0]!.says(group, '/propose buy BONK 0.05 60m')
  return { group, people, card: await shows(here, 'BUY BONK'), casts: [] }
}

/** The third keeps away, so that nothing is decided yet. */
function load(tables: Table[]): () => Promise<void> {
  let isOver = false
  const vote = async (table: Table, person: Person) => {
    for (let n = 0; !isOver; n++) {
      await castAt(table, person, n % 2 === 0 ? 'yes' : 'no')
      await systemClock.sleep(60)
    }
  }
  const voting = Promise.all(tables.flatMap((table) => table.people.slice(0, 2).map((person) => vote(table, person))))
  return async () => {
    isOver = true
    await voting
  }
}

async function castAt({ card, casts }: Table, person: Person, vote: 'yes' | 'no'): Promise<void> {
  const tap = person.tapsWithoutWaiting(card, vote === 'yes' ? 'Yes' : 'No')
  const cast: Cast = { voter: person.id, vote, update: tap.updateId!, isCounted: false }
  casts.push(cast)
  cast.isCounted = /^(Counted|Changed)/.test((await tap.answer).text ?? '')
}

function soundDocument(text: string): Session {
  const parsed = parseDocument(text)
  if (parsed.kind !== 'ok') throw new Error(`an impossible document: ${JSON.stringify(parsed)} in ${text}`)
  return parsed.session
}

/** The update of the last counted vote of each person who has one. */
const countedAt = ({ casts }: Table): Map<number, number> =>
  new Map(casts.filter((cast) => cast.isCounted).map((cast) => [cast.voter, cast.update]))

/** What stands in the document was really done, and by whom it says; answers how many votes that were counted do not. */
function lostIn({ casts, people }: Table, counted: ReadonlyMap<number, number>, session: Session): number {
  const joined = new Set(session.participants.map((one) => one.id))
  expect([...joined].every((id) => people.some((person) => person.id === id))).toBe(true)
  expect(session.participants).toHaveLength(joined.size)
  let lost = 0
  for (const proposal of session.proposals)
    for (const { id } of people) {
      const vote = proposal.votes[id]
      if (vote) {
        expect(joined.has(id)).toBe(true)
        const cast = casts.find((one) => one.update === vote.update)
        expect(cast).toMatchObject({ voter: id, vote: vote.vote })
        expect(vote.amount).toBe(vote.vote === 'yes' ? STAKE : 0)
      }
      if ((vote?.update ?? 0) < (counted.get(id) ?? 0)) lost += 1
    }
  return lost
}

const decisionsIn = ({ group, card }: Table) =>
  group.fromBot().filter((one) => one.id !== card.id && /^(✅ Approved|❌ Not approved)/.test(one.text))

async function decidedAt(it: Scene, table: Table, stored: () => Promise<Session>): Promise<void> {
  await Promise.all(table.people.map((person) => castAt(table, person, 'yes')))
  await it.tg.until(() => decisionsIn(table).length > 0, { withinMs: MINUTE })
  await it.tg.until(() => table.card.text.includes('Approved'), { withinMs: MINUTE })
  await eventually(async () => (await stored()).proposals.every((one) => one.notice !== null))
  expect(decisionsIn(table)).toHaveLength(1)
  const session = await stored()
  expect(lostIn(table, countedAt(table), session)).toBe(0)
  const [proposal] = session.proposals
  const { yes, no, yesAmount } = tallyOf(proposal!, session.participants.length)
  expect(proposal).toMatchObject({ open: false, archived: true, result: { approved: true, yes, no, yesAmount } })
  expect([yes, no]).toEqual([3, 0])
}

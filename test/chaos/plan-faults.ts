import { SECOND } from '../../src/lib/clock.ts'
import type { Setting } from './plan.ts'
import type { Random } from './random.ts'

export type Server = 'redis' | 'postgres'

/** `place` is a bot's, `group` a group's place in the plan. */
export type Fault =
  | { kind: 'kill'; place: number; forMs: number }
  | { kind: 'stop'; place: number; forMs: number }
  | { kind: 'pause'; place: number; forMs: number }
  | { kind: 'server killed'; server: Server; forMs: number }
  | { kind: 'connections cut'; place: number; server: Server }
  | { kind: 'connections slow'; place: number; server: Server; delayMs: number; forMs: number }
  /** Nothing comes through, and then everything. */
  | { kind: 'connections held'; place: number; server: Server; forMs: number }
  /** The connections there are carry nothing any more, and do not end. */
  | { kind: 'connections dead'; place: number; server: Server }
  /**
   * The server does what it is asked with these words in it, and the connection ends before it says so; of a connection
   * that carried `first`, where that is set.
   */
  | { kind: 'answers lost'; place: number; server: Server; words: string; first: string | undefined; times: number }
  | { kind: 'flood wait'; seconds: number; group: number | undefined }
  | { kind: 'calls broken'; times: number; afterDoing: boolean; method: string | undefined }
  | { kind: 'bad gateway'; times: number; method: string | undefined }
  | { kind: 'calls slow'; times: number; delayMs: number }
  | { kind: 'redelivery'; count: number; draw: number }
  | { kind: 'webhook rough'; how: Roughness; forMs: number }
  | { kind: 'alarms lost' }
  | { kind: 'venue'; how: 'loses_orders' | 'loses_answers' | 'never_answers' | 'away'; forMs: number }

/** What becomes of a request on its way from Telegram to a bot. */
export type Roughness = 'loses answers' | 'delays' | 'hands to two' | 'comes again late' | 'refuses'

export type PlannedFault = Fault & { afterMs: number }

type Draw = (random: Random) => Fault

const ROUGH: Roughness[] = ['loses answers', 'delays', 'hands to two', 'comes again late', 'refuses']
const SENDS = ['sendMessage', 'sendPhoto', 'editMessageText', 'setMessageReaction', undefined]

/** Some of everything that can break here, and more of what breaks often. */
export function planFaults(setting: Setting, groups: number, random: Random): PlannedFault[] {
  const drawn = [...certain(setting), ...moreOf(setting, random)].map((draw) => draw(random))
  const floods = Array.from({ length: 3 }, (_, n) => floodWait(n === 0 ? undefined : groups, random))
  const { stormMs } = setting
  const begins = Math.min(6 * SECOND, stormMs / 8)
  const timed = [...drawn, ...floods].map((fault) => ({ ...fault, afterMs: random.between(begins, stormMs) }))
  // A queue that is lost costs up to a minute: later, a run would only take longer.
  timed.push({ kind: 'alarms lost', afterMs: random.between(stormMs / 3, (stormMs * 2) / 3) })
  return timed.sort((a, b) => a.afterMs - b.afterMs)
}

const floodWait = (groups: number | undefined, random: Random): Fault => ({
  kind: 'flood wait',
  seconds: random.between(2, groups === undefined ? 4 : 9),
  group: groups === undefined ? undefined : random.between(0, groups - 1),
})

/** What every seed has. */
function certain(setting: Setting): Draw[] {
  const draws = [kill(setting), kill(setting), pause(setting), breaksCalls(true), breaksCalls(false), gateway(setting)]
  draws.push(redelivery, redelivery, redelivery, redelivery, (random) => ({
    kind: 'calls slow',
    times: random.between(3, 15),
    delayMs: 3000,
  }))
  if (setting.intake === 'webhook') draws.push(...ROUGH.map((how) => rough(how)))
  for (const server of serversOf(setting))
    draws.push(
      killServer(server),
      cut(setting, server),
      ...Array.from({ length: 3 }, () => loseAnswers(setting, server)),
    )
  if (setting.executor === 'webhook') draws.push(venue, venue)
  return draws
}

function moreOf(setting: Setting, random: Random): Draw[] {
  const kinds: Draw[] = [kill(setting), kill(setting), stop(setting), pause(setting), redelivery]
  for (const server of serversOf(setting))
    kinds.push(cut(setting, server), slow(setting, server), hold(setting, server), deaden(setting, server))
  if (setting.intake === 'webhook') kinds.push(rough('loses answers'), rough('comes again late'), rough('hands to two'))
  return Array.from({ length: random.between(5, 9) }, () => random.pick(kinds))
}

export const serversOf = ({ store }: Pick<Setting, 'store'>): Server[] =>
  store === 'embedded' ? [] : store === 'redis' ? ['redis', 'postgres'] : ['postgres']

const placeIn = ({ bots }: Setting, random: Random) => random.between(0, bots - 1)

const kill =
  (setting: Setting): Draw =>
  (random) => ({ kind: 'kill', place: placeIn(setting, random), forMs: random.between(0, 6 * SECOND) })
const stop =
  (setting: Setting): Draw =>
  (random) => ({ kind: 'stop', place: placeIn(setting, random), forMs: random.between(0, 3 * SECOND) })
const pause =
  (setting: Setting): Draw =>
  (random) => ({ kind: 'pause', place: placeIn(setting, random), forMs: random.between(2, 11) * SECOND })
const killServer =
  (server: Server): Draw =>
  (random) => ({ kind: 'server killed', server, forMs: random.between(500, 6 * SECOND) })
const cut =
  (setting: Setting, server: Server): Draw =>
  (random) => ({ kind: 'connections cut', place: placeIn(setting, random), server })
type Write = { words: string; first: string | undefined }
const write = (words: string, first?: string): Write => ({ words, first })
const WRITES: Record<Server, Write[]> = {
  redis: [write('session:')],
  postgres: [
    write('commit', 'insert into "orders"'),
    write('commit', 'insert into "fills"'),
    write('commit'),
    write('update "orders"'),
    write('insert into "paper_trades"'),
    write('bullmq'),
  ],
}
const loseAnswers =
  (setting: Setting, server: Server): Draw =>
  (random) => ({
    kind: 'answers lost',
    place: placeIn(setting, random),
    server,
    ...random.pick(WRITES[server]),
    times: random.between(3, 6),
  })
const deaden =
  (setting: Setting, server: Server): Draw =>
  (random) => ({ kind: 'connections dead', place: placeIn(setting, random), server })
const hold =
  (setting: Setting, server: Server): Draw =>
  (random) => ({
    kind: 'connections held',
    place: placeIn(setting, random),
    server,
    forMs: random.between(1, 7) * SECOND,
  })
const slow =
  (setting: Setting, server: Server): Draw =>
  (random) => ({
    kind: 'connections slow',
    place: placeIn(setting, random),
    server,
    delayMs: random.between(20, 300),
    forMs: random.between(2, 6) * SECOND,
  })
const breaksCalls =
  (afterDoing: boolean): Draw =>
  (random) => ({ kind: 'calls broken', times: random.between(2, 8), afterDoing, method: random.pick(SENDS) })
const gateway =
  (setting: Setting): Draw =>
  (random) => ({
    kind: 'bad gateway',
    times: random.between(2, 8),
    method: random.pick(setting.intake === 'polling' ? [...SENDS, 'getUpdates'] : SENDS),
  })
const redelivery: Draw = (random) => ({
  kind: 'redelivery',
  count: random.between(40, 100),
  draw: random.between(0, 1_000_000),
})
const rough =
  (how: Roughness): Draw =>
  (random) => ({ kind: 'webhook rough', how, forMs: random.between(2, 6) * SECOND })
const venue: Draw = (random) => ({
  kind: 'venue',
  how: random.pick(['loses_orders', 'loses_answers', 'never_answers', 'away']),
  forMs: random.between(2, 8) * SECOND,
})

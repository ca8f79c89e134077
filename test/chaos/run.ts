import { SECOND, systemClock } from '../../src/lib/clock.ts'
import type { Complaint, Evidence, Records, Seen, Sighting } from './evidence.ts'
import { type Storm, storm } from './faults.ts'
import { createFleet, type Fleet } from './fleet.ts'
import { createNotes } from './notes.ts'
import { judge } from './oracle/oracle.ts'
import { act, type Crowd, gather, type Stage } from './people.ts'
import { makePlan, type Plan, type Wish } from './plan.ts'
import { createRandom } from './random.ts'
import { readRecords, readSessions, unfinished } from './records.ts'
import { type Servers, startServers } from './servers.ts'

export type Run = { evidence: Evidence; complaints: Complaint[] }

/** After the storm, all that is still to come must come within that. */
const AFTERMATH_MS = 150 * SECOND
const SIGHT_EVERY_MS = 1500

/** Plays one seed from its first second to its last, and judges it. */
export async function runSeed(wish: Wish): Promise<Run> {
  const plan = makePlan(wish)
  const servers = await startServers(plan.setting, createRandom(wish.seed).fork('servers'))
  const fleet = await createFleet(servers, plan.setting.bots)
  try {
    const evidence = await play(plan, servers, fleet)
    return { evidence, complaints: judge(evidence) }
  } finally {
    await fleet.killAll()
    await servers.close()
  }
}

async function play(plan: Plan, servers: Servers, fleet: Fleet): Promise<Evidence> {
  const { tg } = servers
  await Promise.all(servers.wires.map((_, place) => fleet.start(place)))
  const pace = paceOf(fleet)
  const { setting, groups, faults } = stretched(plan, pace)
  const notes = createNotes(tg)
  const crowds = groups.map((one) => gather(tg, one))
  const stuck: Complaint[] = []
  const startedAt = Date.now()
  const stage: Stage = { tg, notes, endsAt: startedAt + setting.stormMs, pace, stuck: (one) => void stuck.push(one) }
  const it: Storm = {
    servers,
    fleet,
    groups: crowds.map(({ group }) => group),
    stormMs: setting.stormMs,
    breakages: [],
    complaints: stuck,
    queues: new Map(),
  }
  const watch = startWatching(servers)
  await Promise.all([storm(it, faults), ...crowds.map((crowd) => act(stage, crowd))])
  const records = await settle(servers, fleet, crowds)
  notes.readAnswers(crowds.map(({ group }) => group))
  return {
    setting,
    startedAt,
    deeds: notes.deeds,
    messages: crowds.flatMap(messagesIn),
    takings: servers.balancer?.takings ?? [],
    confirmations: confirmationsIn(servers),
    lives: fleet.lives,
    breakages: it.breakages,
    sightings: await watch.stop(),
    records,
    stuck,
  }
}

/** On a machine that does much else everything is given more time, so that as much happens between two faults. */
function paceOf({ lives }: Fleet): number {
  const slowest = Math.max(...lives.map(({ startedAt, readyAt = startedAt }) => readyAt - startedAt))
  return Math.min(Math.max(1, slowest / (4 * SECOND)), 3)
}

const stretched = ({ setting, groups, faults }: Plan, pace: number): Plan => ({
  setting: { ...setting, stormMs: setting.stormMs * pace },
  groups: groups.map((one) => ({ ...one, startsAfterMs: one.startsAfterMs * pace })),
  faults: faults.map((one) => ({ ...one, afterMs: one.afterMs * pace })),
})

/** Looks into the stores while everything goes on, as far as they can be looked into. */
function startWatching(servers: Servers) {
  const sightings: Sighting[] = []
  const stopping = new AbortController()
  const looking = (async () => {
    while (servers.postgres && !stopping.signal.aborted) {
      const sessions = await readSessions(servers).catch(() => undefined)
      if (sessions) sightings.push({ at: Date.now(), sessions })
      await systemClock.sleep(SIGHT_EVERY_MS, stopping.signal)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await looking
      return sightings
    },
  }
}

/** Waits until nothing more is to come, ends the bots, and reads what is left. */
async function settle(servers: Servers, fleet: Fleet, crowds: readonly Crowd[]): Promise<Records> {
  const until = Date.now() + AFTERMATH_MS
  const chats = crowds.map(({ group }) => group.id)
  for (;;) {
    await servers.tg.quiet({ ms: 1500, withinMs: 30 * SECOND }).catch(() => undefined)
    const isOver = Date.now() > until
    if (servers.postgres && !isOver) {
      const records = await readRecords(servers, chats)
      if (unfinished(records).length > 0) {
        await systemClock.sleep(SECOND)
        continue
      }
    }
    await fleet.stopAll()
    const records = await readRecords(servers, chats)
    if (isOver || unfinished(records).length === 0) return records
    await Promise.all(servers.wires.map((_, place) => fleet.start(place)))
    await systemClock.sleep(15 * SECOND)
  }
}

const messagesIn = ({ group }: Crowd): Seen[] =>
  group.fromBot().map(({ id, chatId, text, replyTo, sentAt, editedAt }) => ({
    id,
    chatId,
    text,
    replyTo,
    sentAt,
    editedAt: [...editedAt],
  }))

function confirmationsIn({ tg }: Servers) {
  return tg
    .callsOf('getUpdates')
    .map(({ params, at }) => ({ offset: Number(params['offset'] ?? 0), at }))
    .filter(({ offset }) => offset > 0)
}

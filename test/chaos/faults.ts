import { SECOND, systemClock } from '../../src/lib/clock.ts'
import type { Fault as TelegramFault } from '../../src/sandbox/faults.ts'
import type { Group } from '../../src/sandbox/groups.ts'
import { openDatabase } from '../../src/storage/database.ts'
import type { Breakage, Complaint } from './evidence.ts'
import type { Fleet } from './fleet.ts'
import type { Fault, PlannedFault } from './plan-faults.ts'
import { createRandom } from './random.ts'
import { patiently, type Servers } from './servers.ts'

export type Storm = {
  servers: Servers
  fleet: Fleet
  groups: readonly Group[]
  stormMs: number
  breakages: Breakage[]
  /** Of what did not become whole again. */
  complaints: Complaint[]
  /** What can be broken by one fault at a time only, such as a bot: by its name, the end of the last one. */
  queues: Map<string, Promise<unknown>>
}

/** Breaks everything as planned, and resolves when all of it is whole again. */
export async function storm(it: Storm, faults: readonly PlannedFault[]): Promise<void> {
  const beganAt = Date.now()
  /** On a slow machine what waits for its turn is left. */
  const isTooLate = () => Date.now() > beganAt + it.stormMs + SECOND
  const under: Promise<unknown>[] = []
  for (const fault of faults) {
    await systemClock.sleep(Math.max(0, beganAt + fault.afterMs - Date.now()))
    const struck = inTurn(it, victimOf(fault), async () => (isTooLate() ? undefined : strike(it, fault)))
    under.push(struck.catch((error: Error) => it.complaints.push({ words: `after ${fault.kind}: ${error.message}` })))
  }
  await Promise.all(under)
  calm(it)
}

function victimOf(fault: Fault): string {
  if (fault.kind === 'kill' || fault.kind === 'stop' || fault.kind === 'pause') return `bot ${fault.place}`
  // With an embedded database, whoever takes its alarms has to end its bot first.
  if (fault.kind === 'alarms lost') return 'bot 0'
  if ('server' in fault) return 'place' in fault ? `${fault.server} of ${fault.place}` : fault.server
  return fault.kind
}

async function inTurn(it: Storm, victim: string, work: () => Promise<void>): Promise<void> {
  const turn = (it.queues.get(victim) ?? Promise.resolve()).then(work)
  it.queues.set(
    victim,
    turn.catch(() => undefined),
  )
  await turn
}

async function strike(it: Storm, fault: Fault): Promise<void> {
  const words = Object.entries(fault)
    .filter(([name]) => name !== 'kind' && name !== 'afterMs')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
  // It has not ended while it is under way.
  const breakage: Breakage = { kind: fault.kind, from: Date.now(), to: Number.POSITIVE_INFINITY, words, hits: 1 }
  it.breakages.push(breakage)
  await strikes(it, fault, breakage)
  breakage.to = Date.now()
}

async function strikes(it: Storm, fault: Fault, breakage: Breakage): Promise<void> {
  const { servers, fleet } = it
  switch (fault.kind) {
    case 'kill':
    case 'stop':
      await (fault.kind === 'kill' ? fleet.kill(fault.place) : fleet.stop(fault.place))
      await systemClock.sleep(fault.forMs)
      return fleet.start(fault.place)
    case 'pause':
      return fleet.pause(fault.place, fault.forMs)
    case 'server killed': {
      const server = servers[fault.server]!
      await server.kill()
      await systemClock.sleep(fault.forMs)
      return server.restart()
    }
    case 'connections cut':
      return servers.wires[fault.place]![fault.server]!.cutAll()
    case 'connections dead':
      servers.wires[fault.place]![fault.server]!.freeze()
      // Somebody may still wait for an answer on one of them.
      return systemClock.sleep(4 * SECOND)
    case 'answers lost':
      return loseAnswers(servers, fault, breakage)
    case 'connections slow':
    case 'connections held':
      return wire(servers, fault)
    case 'alarms lost':
      return loseAlarms(it)
    case 'redelivery':
      breakage.words = `${breakage.words}: ${redeliver(it, fault)}`
      return systemClock.sleep(SECOND)
    case 'webhook rough':
      servers.balancer!.rough = fault.how
      await systemClock.sleep(fault.forMs)
      servers.balancer!.rough = undefined
      breakage.hits = servers.balancer!.met[fault.how] ?? 0
      return
    case 'venue':
      return venue(servers, fault)
    default:
      return disturbCalls(it, fault, breakage)
  }
}

async function wire(servers: Servers, fault: Extract<Fault, { kind: 'connections slow' | 'connections held' }>) {
  const proxy = servers.wires[fault.place]![fault.server]!
  if (fault.kind === 'connections slow') proxy.delay(fault.delayMs)
  else proxy.hold()
  await systemClock.sleep(fault.forMs)
  if (fault.kind === 'connections slow') proxy.delay(0)
  else proxy.thaw()
}

/** One after the other, as often as somebody writes meanwhile. */
async function loseAnswers(servers: Servers, fault: Extract<Fault, { kind: 'answers lost' }>, breakage: Breakage) {
  const proxy = servers.wires[fault.place]![fault.server]!
  const until = Date.now() + 10 * SECOND
  const before = proxy.cuts()
  while (proxy.cuts() - before < fault.times && Date.now() < until) {
    proxy.cutAt(fault.words, 'after', fault.first)
    const already = proxy.cuts()
    while (proxy.cuts() === already && Date.now() < until) await systemClock.sleep(20)
    await systemClock.sleep(300)
  }
  proxy.cutAt(undefined, 'after')
  breakage.hits = proxy.cuts() - before
}

type CallFault = Extract<Fault, { kind: 'flood wait' | 'calls broken' | 'bad gateway' | 'calls slow' }>

/** Until it has struck as often as it was to, or nobody calls any more. */
async function disturbCalls({ servers: { tg }, groups }: Storm, fault: CallFault, breakage: Breakage) {
  const made = makeFault(tg.faults, groups, fault)
  const times = 'times' in fault ? fault.times : Number.POSITIVE_INFINITY
  const until = Date.now() + ('seconds' in fault ? fault.seconds : 8) * SECOND
  while (made.hits < times && Date.now() < until) await systemClock.sleep(50)
  made.end()
  breakage.hits = made.hits
}

function makeFault(panel: Servers['tg']['faults'], groups: readonly Group[], fault: CallFault): TelegramFault {
  const method = 'method' in fault && fault.method !== undefined ? { method: fault.method } : {}
  switch (fault.kind) {
    case 'flood wait':
      return panel.floodWait(fault.seconds, fault.group === undefined ? {} : { chatId: groups[fault.group]!.id })
    case 'calls broken':
      return panel.breakConnections({ times: fault.times, afterDoing: fault.afterDoing, ...method })
    case 'bad gateway':
      return panel.badGateway({ times: fault.times, ...method })
    case 'calls slow':
      return panel.slow(fault.delayMs, { times: fault.times })
  }
}

/** Most of those that come again are among so many of the newest, which can still do harm. */
const NEWEST = 120

/** Old updates come once more, in any order. Answers how many. */
function redeliver({ servers: { tg } }: Storm, { count, draw }: { count: number; draw: number }): number {
  const random = createRandom(draw)
  const all = tg.updates.map(({ update_id: id }) => id)
  const ids = random.shuffled([
    ...random.shuffled(all.slice(0, -NEWEST)).slice(0, count / 4),
    ...random.shuffled(all.slice(-NEWEST)).slice(0, (count * 3) / 4),
  ])
  for (const id of ids) void tg.redeliver(id)
  return ids.length
}

async function loseAlarms({ servers, fleet }: Storm): Promise<void> {
  if (servers.databaseUrl !== undefined) return void (await servers.query('DELETE FROM bullmq.job'))
  await fleet.kill(0)
  await patiently(async () => {
    const database = await openDatabase({ kind: 'embedded', dataDir: servers.dataDir!, clock: systemClock })
    try {
      await database.pool.query('DELETE FROM bullmq.job')
    } finally {
      await database.close()
    }
  })
  await fleet.start(0)
}

async function venue({ receiver }: Servers, { how, forMs }: Extract<Fault, { kind: 'venue' }>): Promise<void> {
  if (how === 'away') await receiver!.stop()
  else receiver!.fault = how
  await systemClock.sleep(forMs)
  if (how === 'away') await receiver!.start()
  else receiver!.fault = undefined
}

/** Whatever may still be about to strike. */
function calm({ servers: { tg, wires } }: Storm): void {
  tg.faults.clear()
  for (const wired of wires)
    for (const proxy of [wired.redis, wired.postgres]) {
      proxy?.delay(0)
      proxy?.thaw()
    }
}

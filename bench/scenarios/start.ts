import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMsOf, memoryMbOf } from '../processes.ts'
import { type Spread, spreadOf } from '../report/summary.ts'
import { seedVotes } from '../seed.ts'
import { startBot, startWorld, type World } from '../world.ts'

export type StartOptions = { runs: number; openSessions: Record<'redis' | 'embedded', number> }

export type StartResult = {
  /** From starting the process until it takes updates, in milliseconds, on stores that are there and empty. */
  readyMs: Spread
  /** Resident memory ten seconds after that, in megabytes. */
  memoryMb: number
  /** Of one core, in percent. */
  cpuPercent: number
  /** The same with so many open sessions. */
  withSessions: {
    sessions: number
    readyMs: Spread
    /** Until it has looked at every session, which comes after three seconds of waiting for late votes. */
    sweptMs: Spread
    memoryMb: number
  }
}

const SETTLE_MS = 10_000
const REST_MS = 20_000
/** No vote ends while it is measured. */
const VOTES_END_IN_MS = 12 * 60 * 60_000
const SWEEP_PATIENCE_MS = 120_000

export async function measureStarts(options: StartOptions): Promise<Record<'redis' | 'embedded', StartResult>> {
  return { redis: await measureStore('redis', options), embedded: await measureStore('embedded', options) }
}

async function measureStore(store: 'redis' | 'embedded', options: StartOptions): Promise<StartResult> {
  const { runs } = options
  const openSessions = options.openSessions[store]
  const world = await startWorld({ store })
  try {
    // Not counted: it makes the directory, or the schema.
    await (await startBot(world.env)).stop()
    const empty = await startOften(world, runs)
    const { memoryMb, cpuPercent } = await rest(world)
    await seedVotes(world.env, openSessions, Math.ceil((Date.now() + VOTES_END_IN_MS) / 1000) * 1000)
    const full = await startOften(world, runs)
    return {
      readyMs: spreadOf(empty.map((one) => one.readyMs)),
      memoryMb,
      cpuPercent,
      withSessions: {
        sessions: openSessions,
        readyMs: spreadOf(full.map((one) => one.readyMs)),
        sweptMs: spreadOf(full.map((one) => one.sweptMs)),
        memoryMb: full.at(-1)!.memoryMb,
      },
    }
  } finally {
    await world.stop()
  }
}

type Started = { readyMs: number; sweptMs: number; memoryMb: number }

async function startOften({ env }: World, runs: number): Promise<Started[]> {
  const starts: Started[] = []
  for (let run = 0; run < runs; run++) {
    const beganAt = performance.now()
    const bot = await startBot(env)
    await swept(bot.child.stdout!)
    const sweptMs = performance.now() - beganAt
    // After the last only: the others are about time.
    if (run === runs - 1) await sleep(SETTLE_MS)
    starts.push({ readyMs: bot.readyMs, sweptMs, memoryMb: memoryMbOf([bot.pid]) })
    await bot.stop()
  }
  return starts
}

async function rest({ env }: World): Promise<Pick<StartResult, 'memoryMb' | 'cpuPercent'>> {
  const bot = await startBot(env)
  await sleep(SETTLE_MS)
  const memoryMb = memoryMbOf([bot.pid])
  const before = cpuMsOf([bot.pid])
  await sleep(REST_MS)
  const cpuPercent = ((cpuMsOf([bot.pid]) - before) / REST_MS) * 100
  await bot.stop()
  return { memoryMb, cpuPercent }
}

/** The bot says so in its log. */
function swept(output: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = new Error('the bot did not look at every session in time')
    const timer = setTimeout(() => reject(late), SWEEP_PATIENCE_MS)
    createInterface({ input: output }).on('line', (line) => {
      if (!line.includes('looked after every session')) return
      clearTimeout(timer)
      resolve()
    })
  })
}

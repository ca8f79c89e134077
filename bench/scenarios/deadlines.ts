import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { readVotes, seedVotes } from '../seed.ts'
import { startBot, startWorld } from '../world.ts'

export type DeadlineOptions = { proposals: number; store: 'redis' | 'embedded' }

export type DeadlineResult = {
  proposals: number
  /** From the second in which all were due until the last decision was stored. */
  decidedMs: number
  /** The same until every group had been told; undefined where some had not in time. */
  announcedMs: number | undefined
  /** From its deadline to when a vote was counted, as its document says, in milliseconds. */
  lagP50: number
  lagP99: number
  lagMax: number
  /** What Telegram was asked since the deadline, by method. */
  calls: Record<string, number>
  undecided: number
}

const ADMIN_TOKEN = 'bench-admin-token-of-no-worth'
/** How long a start, its three seconds of taking in what waits, and the look at every session may take. */
const START_MS = 15_000
const START_MS_EACH = { redis: 3, embedded: 5 }
const SEED_MS = 10_000
const SEED_MS_EACH = { redis: 6, embedded: 15 }
const PATIENCE_MS = 60_000

/** So many votes end in the same second. */
export async function measureDeadlines({ proposals, store }: DeadlineOptions): Promise<DeadlineResult> {
  const world = await startWorld({ store })
  const env = { ...world.env, ADMIN_TOKEN }
  try {
    const leadMs = START_MS + proposals * START_MS_EACH[store]
    const dueAt = Math.ceil((Date.now() + leadMs + SEED_MS + proposals * SEED_MS_EACH[store]) / 1000) * 1000
    await seedVotes(env, proposals, dueAt)
    if (Date.now() > dueAt - leadMs) throw new Error('the seeding took longer than the benchmark allows for')
    // A sweep a minute looks at what is due within the next: the one of the start is to be the last before the deadline.
    await sleep(dueAt - leadMs - Date.now())
    const bot = await startBot(env)
    const heard = listen(bot.child.stdout!)
    await until(() => heard.hasSwept, dueAt, 100)
    if (!heard.hasSwept) throw new Error('the bot had not looked at every session before the deadline')
    const before = await world.telegram.calls()
    await sleep(dueAt - Date.now())
    await until(() => heard.decided >= proposals, dueAt + PATIENCE_MS, 10)
    const told = () => announcementsOf(bot.port)
    await until(async () => (await told()) >= proposals, dueAt + PATIENCE_MS, 250)
    const announcedMs = Date.now() - dueAt
    const after = await world.telegram.calls()
    await bot.stop()
    const votes = await readVotes(env, proposals)
    const lags = Float64Array.from(votes.flatMap((vote) => (vote?.result ? [vote.result.closedAt - dueAt] : []))).sort()
    const at = (share: number) => lags[Math.min(lags.length - 1, Math.floor(share * lags.length))] ?? Number.NaN
    return {
      proposals,
      decidedMs: heard.lastDecidedAt - dueAt,
      announcedMs: votes.every((vote) => vote?.notice) ? announcedMs : undefined,
      lagP50: at(0.5),
      lagP99: at(0.99),
      lagMax: at(1),
      calls: Object.fromEntries(
        Object.entries(after).map(([method, count]) => [method, count - (before[method] ?? 0)]),
      ),
      undecided: proposals - lags.length,
    }
  } finally {
    await world.stop()
  }
}

/** The bot writes a line when the store has acknowledged a decision: nothing has to be asked meanwhile. */
function listen(output: NodeJS.ReadableStream) {
  const heard = { hasSwept: false, decided: 0, lastDecidedAt: Number.NaN }
  createInterface({ input: output }).on('line', (line) => {
    if (line.includes('"msg":"a vote was decided"')) {
      heard.decided += 1
      heard.lastDecidedAt = Date.now()
    } else if (line.includes('looked after every session')) heard.hasSwept = true
  })
  return heard
}

async function until(isSo: () => boolean | Promise<boolean>, latest: number, pauseMs: number): Promise<void> {
  while (!(await isSo()) && Date.now() < latest) await sleep(pauseMs)
}

/** How many decisions the bot has told. What Telegram was sent does not say, as orders follow and have cards as well. */
async function announcementsOf(port: number): Promise<number> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).text()
  return Number(/^tradevote_alarms_total\{kind="announce",outcome="done"\} (\d+)/m.exec(text)?.[1] ?? 0)
}

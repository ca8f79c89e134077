import { SECOND, systemClock } from '../../src/lib/clock.ts'
import { type BotProcess, type LogLine, startBotProcess } from '../support/bot-process.ts'
import { freePort } from '../support/port.ts'
import type { Servers } from './servers.ts'

/** One life of a bot. `ended`: by whose hand; `itself` is what should never be. */
export type Life = {
  place: number
  pid: number
  startedAt: number
  readyAt: number | undefined
  endedAt: number | undefined
  ended: 'killed' | 'stopped' | 'no store at the start' | 'itself' | undefined
  code: number | string | null
  log: readonly LogLine[]
  lastWords: string
}

export type Fleet = {
  readonly lives: readonly Life[]
  /** Starts the bot where it is not running, as a supervisor does: again and again where it ends for want of a store. */
  start(place: number): Promise<void>
  kill(place: number): Promise<void>
  stop(place: number): Promise<void>
  /** It stands still, and knows nothing of it afterwards. */
  pause(place: number, forMs: number): Promise<void>
  stopAll(): Promise<void>
  killAll(): Promise<void>
}

type Running = { bot: BotProcess; life: Life }

const READY_MS = 90 * SECOND

export async function createFleet(servers: Servers, bots: number): Promise<Fleet> {
  const places = Array.from({ length: bots }, (_, place) => place)
  const lives: Life[] = []
  const running: (Running | undefined)[] = []
  let isOver = false

  const launch = async (place: number): Promise<Running> => {
    const port = await freePort()
    if (servers.balancer) servers.balancer.ports[place] = port
    const bot = startBotProcess({ ...servers.env(place), PORT: String(port) })
    const life: Life = { ...newLife(place, bot), log: [] }
    lives.push(life)
    const one = { bot, life }
    running[place] = one
    void bot.exited.then(({ code, signal, at }) => {
      const wasReady = bot.log().some(({ msg }) => msg === 'ready')
      life.endedAt = at
      life.code = code ?? signal
      life.ended ??= code === 1 && !wasReady && isAboutStores(bot) ? 'no store at the start' : 'itself'
      life.log = bot.log()
      life.lastWords = `${bot.stdout().slice(-1500)}${bot.stderr().slice(-1500)}`
      if (running[place] === one) running[place] = undefined
      // Its host starts it again; that it was needed is told in the end.
      if (life.ended === 'itself') void start(place).catch(() => undefined)
    })
    return one
  }

  const start = async (place: number): Promise<void> => {
    const until = Date.now() + READY_MS
    while (!isOver) {
      const { bot, life } = running[place] ?? (await launch(place))
      const isReady = await Promise.race([bot.ready().then(() => true), bot.exited.then(() => false)]).catch(
        () => false,
      )
      if (isReady) {
        life.readyAt = Date.now()
        return
      }
      await systemClock.sleep(SECOND / 2)
      if (Date.now() > until)
        throw new Error(`bot ${place} does not become ready:\n${bot.stdout().slice(-3000)}${bot.stderr()}`)
    }
  }
  const end = async (place: number, how: 'killed' | 'stopped'): Promise<void> => {
    const one = running[place]
    if (!one) return
    one.life.ended = how
    await (how === 'killed' ? one.bot.kill() : one.bot.stop())
  }
  const all = (how: 'killed' | 'stopped') => Promise.all(places.map((place) => end(place, how)))
  return {
    lives,
    start,
    kill: (place) => end(place, 'killed'),
    stop: (place) => end(place, 'stopped'),
    async pause(place, forMs) {
      const one = running[place]
      one?.bot.signal('SIGSTOP')
      await systemClock.sleep(forMs)
      one?.bot.signal('SIGCONT')
    },
    stopAll: async () => void (await all('stopped')),
    async killAll() {
      isOver = true
      await all('killed')
    },
  }
}

const newLife = (place: number, bot: BotProcess) => ({
  place,
  pid: bot.pid,
  startedAt: bot.startedAt,
  readyAt: undefined,
  endedAt: undefined,
  ended: undefined,
  code: null,
  lastWords: '',
})

/**
 * A store that is away, or goes away in the middle of a start, ends it: the host starts the bot again. So does somebody
 * else on this machine who was faster to take a free port.
 */
const isAboutStores = (bot: BotProcess): boolean =>
  bot.log().some(({ level, msg, err }) => {
    const isAway = (err as { name?: string } | undefined)?.name === 'Unavailable'
    if (level < 60) return false
    return isAway ? msg === 'the bot cannot start' : /database|Redis|EADDRINUSE/.test(msg) && !/bug/.test(msg)
  })

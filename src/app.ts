import { Telegraf } from 'telegraf'
import type { UserFromGetMe } from 'telegraf/types'
import { closeProposal } from './actions/close-proposal.ts'
import { endSession } from './actions/close-session.ts'
import type { Deps } from './actions/deps.ts'
import { importSessions } from './actions/import-sessions.ts'
import { archive } from './actions/record.ts'
import { createRepaint } from './actions/repaint.ts'
import { sweep } from './actions/sweep.ts'
import type { Alarm, AlarmHandler, Alarms } from './alarms/alarms.ts'
import { createAlarms } from './alarms/bullmq.ts'
import type { Config } from './config.ts'
import { MINUTE, SECOND } from './domain/time.ts'
import { closeServer, createHttpServer, listen, type Readiness } from './http/server.ts'
import { createWebhook, WEBHOOK_PATH } from './http/webhook.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import { createClosers } from './lib/closers.ts'
import { Unavailable } from './lib/errors.ts'
import { createLanes } from './lib/lanes.ts'
import { createLog, type Log } from './lib/log.ts'
import { createOutageWatch } from './lib/outage.ts'
import { createArchive } from './storage/archive.ts'
import { createCardLog } from './storage/card-log.ts'
import { createGroups } from './storage/groups.ts'
import { createRegistry } from './storage/registry.ts'
import { openStores, type Stores } from './stores.ts'
import { createAdmins } from './telegram/admins.ts'
import { createBot } from './telegram/bot.ts'
import { type BotApi, createBotApi, FloodWait, Refused } from './telegram/bot-api.ts'
import { publishCommands } from './telegram/commands.ts'
import type { Edge } from './telegram/edge.ts'
import { createGroupLanguages } from './telegram/group-languages.ts'
import { ALLOWED_UPDATES, type Intake } from './telegram/intake.ts'
import { createOutbox } from './telegram/outbox.ts'
import { createPoller } from './telegram/poller.ts'
import { createPresenter } from './telegram/presenter.ts'
import { createReceiver, type Receive } from './telegram/receive.ts'

/** The operator must act before the bot can start; the message says how. */
export class CannotStart extends Error {
  override name = 'CannotStart'
}

export type AppOptions = {
  clock?: Clock
  log?: Log
  /** Takes the sessions that were made while Redis was away. */
  importSessions?: boolean
  redisPatienceMs?: number
}

export type App = {
  /** The HTTP port, once listening. */
  readonly port: number
  /** For tests that move the clock: resolves when everything due by the clock is done and sent. */
  settle(): Promise<void>
  stop(): Promise<void>
}

const SWEEP_EVERY_MS = MINUTE
/** Telegram redelivers to a webhook within this after a 503. */
const WEBHOOK_DRAIN_MS = 3 * SECOND
const WEBHOOK_CONNECTIONS = 100

/** Wires the process: config in, a running bot out. Whatever was opened is closed again when a later step fails. */
export async function startApp(config: Config, options: AppOptions = {}): Promise<App> {
  const clock = options.clock ?? systemClock
  const log = options.log ?? createLog(config.logLevel, config.secrets)
  const closers = createClosers()
  const stop = () => closers.run((name, error) => log.error({ err: error }, `${name} did not close`))
  try {
    return await wire(config, options, { clock, log, closers, stop })
  } catch (error) {
    await stop()
    throw error
  }
}

type Ground = { clock: Clock; log: Log; closers: ReturnType<typeof createClosers>; stop: () => Promise<void> }

async function wire(config: Config, options: AppOptions, ground: Ground): Promise<App> {
  const { clock, log, closers, stop } = ground
  const startedAt = clock.now()
  let noteOutage = () => {}
  const stores = await openStores({
    config,
    clock,
    log,
    closers,
    onDown: () => noteOutage(),
    ...(options.redisPatienceMs && { redisPatienceMs: options.redisPatienceMs }),
  })
  const alarms = await createAlarms({
    database: stores.database,
    clock,
    log: (message, error) => log.warn({ err: error }, message),
  })
  closers.push('alarms', () => alarms.close())

  const telegraf = new Telegraf(config.botToken, { telegram: { apiRoot: config.telegramApiRoot } })
  const api = createBotApi(telegraf.telegram)
  const outbox = createOutbox(api, clock, log)
  closers.push('outbox', () => outbox.close())
  const deps = createDeps(config, stores, alarms, { clock, log })
  if (options.importSessions) await runImport(deps, stores)
  else await offerImport(deps, stores)

  const lanes = createLanes()
  closers.push('handlers', () => lanes.idle())
  const edge: Edge = {
    deps,
    outbox,
    admins: createAdmins(api, clock, log),
    languages: createGroupLanguages(deps),
    currency: config.quoteCurrency,
  }
  let isTaking = false
  const me = await whoAmI(api, clock)
  const { receive, resume } = createReceiver(createBot(config.botToken, me, edge), {
    lanes,
    log,
    onUnavailable: () => noteOutage(),
    holdsBack: config.intake.kind === 'polling',
  })
  const readiness = () => checkReadiness(stores, () => isTaking)
  const webhook = config.intake.kind === 'webhook' ? createWebhook(config.intake.secret, receive) : undefined
  const server = createHttpServer({ readiness, webhook, log })
  const port = await listen(server, config.http.host, config.http.port)
  closers.push('http', () => closeServer(server))

  const intake = createIntake(config, { api, receive, resume, outbox, clock, log })
  const watch = createOutageWatch({
    clock,
    ping: async () => void (await Promise.all([stores.sessions.ping(), stores.database.ping()])),
    recover: () => intake.drained(),
    opened: async () => {
      log.info(await sweep(deps, 'everything'), 'looked after every session')
      isTaking = true
    },
    onError: (error) => log.warn({ err: error }, 'not yet: a store is away'),
  })
  noteOutage = () => watch.begin()
  closers.push('outage watch', () => watch.stop())
  await alarms.start(createHandler(deps, createHandlers(config, edge, stores), () => watch.gate.isOpen))
  await intake.start()
  closers.push('intake', () => intake.stop())
  watch.begin()
  const sweeping = startSweeping(
    deps,
    stores,
    () => watch.gate.isOpen,
    () => watch.begin(),
  )
  closers.push('sweeping', sweeping)
  announceCommands(api, clock, log)
  log.info(
    { bot: me.username, port, sessions: stores.home, database: stores.database.kind, ms: clock.now() - startedAt },
    'ready',
  )

  return {
    port,
    async settle() {
      await lanes.idle()
      await watch.gate.passed()
      await sweep(deps, 'due')
      await alarms.settle()
      await outbox.idle()
    },
    stop,
  }
}

function createDeps(
  config: Config,
  stores: Stores,
  alarms: Alarms,
  { clock, log }: Pick<Ground, 'clock' | 'log'>,
): Deps {
  const { db } = stores.database
  return {
    store: stores.sessions,
    groups: createGroups(db, clock),
    registry: createRegistry(db),
    archive: createArchive(db),
    alarms,
    clock,
    log,
    repaint: createRepaint({ alarms, clock, log }),
    isElsewhere: async (id) =>
      stores.home === 'database instead of redis' ||
      (stores.home === 'redis' && (await stores.databaseSessions.holds(id))),
    botId: Number(config.botToken.split(':')[0]),
    stake: config.stake,
    sessionLifetimeMinutes: config.sessionLifetimeMinutes,
  }
}

/** By the kind of alarm. */
function createHandlers(config: Config, edge: Edge, stores: Stores): Record<string, AlarmHandler> {
  const { deps, outbox } = edge
  const presenter = createPresenter({
    deps,
    outbox,
    cardLog: createCardLog(stores.database.db),
    currency: config.quoteCurrency,
  })
  return {
    ...presenter,
    close: (alarm) => closeProposal(deps, alarm),
    end: (alarm) => endSession(deps, alarm),
    archive: (alarm) => archive(deps, alarm),
  }
}

/** What decides waits until the votes that were cast in time have been taken in. */
const AFTER_THE_DRAIN = new Set(['close', 'end', 'lost'])
const LOOK_AGAIN_MS = 250

const createHandler =
  (deps: Deps, handlers: Record<string, AlarmHandler>, isOpen: () => boolean): AlarmHandler =>
  async (alarm: Alarm) => {
    if (AFTER_THE_DRAIN.has(alarm.kind) && !isOpen()) return deps.clock.now() + LOOK_AGAIN_MS
    const handler = handlers[alarm.kind]
    if (handler) return handler(alarm)
    deps.log.warn({ kind: alarm.kind }, 'an alarm of a kind that this version does not know')
    return undefined
  }

async function whoAmI(api: BotApi, clock: Clock): Promise<UserFromGetMe> {
  for (let pause = SECOND / 2; ; pause = Math.min(pause * 2, 15 * SECOND)) {
    try {
      return await api<UserFromGetMe>('getMe', {})
    } catch (error) {
      if (error instanceof Refused)
        throw new CannotStart('Telegram does not know this BOT_TOKEN; it should be the one @BotFather gave you', {
          cause: error,
        })
      await clock.sleep(error instanceof FloodWait ? error.retryAfterMs : pause)
    }
  }
}

type IntakeParts = Omit<Parameters<typeof createPoller>[0], 'receive'> & { receive: Receive }

function createIntake(config: Config, parts: IntakeParts): Intake {
  const { api, clock, log } = parts
  const { intake } = config
  if (intake.kind === 'polling') {
    const poller = createPoller(parts)
    return {
      ...poller,
      async start() {
        await untilDone(() => api('deleteWebhook', { drop_pending_updates: false }), clock, log)
        await poller.start()
      },
    }
  }
  const wish = {
    url: `${intake.url}${WEBHOOK_PATH}`,
    secret_token: intake.secret,
    allowed_updates: ALLOWED_UPDATES,
    max_connections: WEBHOOK_CONNECTIONS,
  }
  return {
    start: () => untilDone(() => api('setWebhook', wish), clock, log),
    drained: () => clock.sleep(WEBHOOK_DRAIN_MS),
    // The server is closed next, and finishes what it holds.
    stop: async () => {},
  }
}

/** Repeats a call that the start needs while Telegram is away. */
async function untilDone(call: () => Promise<unknown>, clock: Clock, log: Log): Promise<void> {
  for (let pause = SECOND / 2; ; pause = Math.min(pause * 2, 15 * SECOND)) {
    try {
      await call()
      return
    } catch (error) {
      if (error instanceof Refused) throw new CannotStart(`Telegram refuses: ${error.message}`, { cause: error })
      log.warn({ err: error }, 'Telegram is away; trying again')
      await clock.sleep(error instanceof FloodWait ? error.retryAfterMs : pause)
    }
  }
}

function announceCommands(api: BotApi, clock: Clock, log: Log): void {
  untilDone(() => publishCommands(api), clock, log).catch((error: unknown) =>
    log.warn({ err: error }, 'the list of commands could not be published'),
  )
}

function startSweeping(deps: Deps, stores: Stores, isOpen: () => boolean, onOutage: () => void): () => Promise<void> {
  const stopping = new AbortController()
  const run = async () => {
    while (!stopping.signal.aborted) {
      await deps.clock.sleep(SWEEP_EVERY_MS, stopping.signal)
      if (stopping.signal.aborted || !isOpen()) continue
      try {
        await sweep(deps, 'due')
        await stores.purgeExpired()
      } catch (error) {
        deps.log.warn({ err: error }, 'a sweep failed')
        if (error instanceof Unavailable) onOutage()
      }
    }
  }
  const running = run()
  return async () => {
    stopping.abort()
    await running
  }
}

async function checkReadiness(stores: Stores, isTaking: () => boolean): Promise<Readiness> {
  const state = async (ping: Promise<void>) =>
    ping.then(
      () => 'ok',
      () => 'away',
    )
  const [sessions, database] = await Promise.all([state(stores.sessions.ping()), state(stores.database.ping())])
  const where = stores.home === 'redis' ? 'redis' : stores.database.kind
  const note = stores.home === 'database instead of redis' ? ', instead of redis, which was away at the start' : ''
  return {
    ready: sessions === 'ok' && database === 'ok' && isTaking(),
    checks: {
      sessions: `${sessions} (${where}${note})`,
      database: `${database} (${stores.database.kind})`,
      updates: isTaking() ? 'ok' : 'starting',
    },
  }
}

/** Sessions that were made while Redis was away, and still stand in the database. */
async function strandedSessions(deps: Deps, stores: Stores): Promise<string[]> {
  if (stores.home !== 'redis') return []
  const rows = await deps.registry.all()
  return [...(await stores.databaseSessions.readMany(rows.map((row) => row.id))).values()]
    .filter(({ session }) => session.open)
    .map(({ session }) => session.id)
}

async function offerImport(deps: Deps, stores: Stores): Promise<void> {
  const ids = await strandedSessions(deps, stores)
  if (ids.length > 0)
    deps.log.warn(
      { sessions: ids },
      'sessions made while Redis was away are kept; to take them over: npm start -- --import-sessions',
    )
}

async function runImport(deps: Deps, stores: Stores): Promise<void> {
  const report = await importSessions(deps, stores.databaseSessions, await strandedSessions(deps, stores))
  deps.log.info(report, 'sessions made while Redis was away: taken over, and kept because their chat has another')
}

import { Telegraf } from 'telegraf'
import { carryOut } from './actions/carry-out.ts'
import { closeProposal } from './actions/close-proposal.ts'
import { endSession } from './actions/close-session.ts'
import type { Deps } from './actions/deps.ts'
import { attendStranded } from './actions/import-sessions.ts'
import { takeLateResult } from './actions/late-result.ts'
import { archive } from './actions/record.ts'
import { createRepaint } from './actions/repaint.ts'
import { sweep } from './actions/sweep.ts'
import type { Alarms } from './alarms/alarms.ts'
import { createAlarms } from './alarms/bullmq.ts'
import type { Config } from './config.ts'
import { HOUR } from './domain/time.ts'
import { createDuty, type Duty, type DutyParts } from './duty.ts'
import { createCallback } from './http/callback.ts'
import { closeServer, createHttpServer, listen, type Readiness } from './http/server.ts'
import { createWebhook, WEBHOOK_PATH } from './http/webhook.ts'
import { type InsightDesk, openInsight } from './insight.ts'
import { type Clock, SECOND, systemClock } from './lib/clock.ts'
import { createClosers } from './lib/closers.ts'
import { createLanes } from './lib/lanes.ts'
import { createLog, type Log, logFailure } from './lib/log.ts'
import { type Market, openMarket, remotesOf } from './market.ts'
import { createMetrics } from './metrics/metrics.ts'
import type { Telemetry } from './metrics/telemetry.ts'
import { createWitness } from './metrics/witness.ts'
import { openOperatorPages } from './operator.ts'
import { createPictures } from './pictures/create-pictures.ts'
import type { Pictures } from './pictures/pictures.ts'
import { createSharing } from './sharing.ts'
import { createArchive } from './storage/archive.ts'
import { createCardLog } from './storage/card-log.ts'
import { createGroups } from './storage/groups.ts'
import { alwaysLeading, createLeadership, type Leadership } from './storage/leadership.ts'
import type { CardLog } from './storage/records.ts'
import { createRegistry } from './storage/registry.ts'
import { openStores, type Stores, storeChecks } from './stores.ts'
import { createAdmins } from './telegram/admins.ts'
import { createBot } from './telegram/bot.ts'
import { createBotApi } from './telegram/bot-api.ts'
import { publishCommands } from './telegram/commands.ts'
import type { Edge, Received } from './telegram/edge.ts'
import { createGroupLanguages } from './telegram/group-languages.ts'
import { createAnswer, createHandOn } from './telegram/hand-on.ts'
import { withLimits } from './telegram/limited.ts'
import { createLimits } from './telegram/limits.ts'
import { createOrderPresenter } from './telegram/order-presenter.ts'
import { createOutbox } from './telegram/outbox.ts'
import { untilDone, whoAmI } from './telegram/patience.ts'
import { createPoller } from './telegram/poller.ts'
import { createPresenter } from './telegram/presenter.ts'
import { createReceiver, type Receiver } from './telegram/receive.ts'
import { createWebhookIntake } from './telegram/webhook-intake.ts'
import { createCallbackReader } from './trading/webhook-callback.ts'

export type AppOptions = {
  clock?: Clock
  log?: Log
  /** Ends a start that waits for Telegram. */
  signal?: AbortSignal
  /** Takes the sessions that were made while Redis was away. */
  importSessions?: boolean
  redisPatienceMs?: number
  /** Drawn by somebody else, who closes them. */
  pictures?: Pictures
}

export type App = {
  /** The HTTP port, once listening. */
  readonly port: number
  /** What the operator can ask for. */
  readonly insight: InsightDesk
  /** For tests that move the clock: resolves when everything due by the clock is done and sent. */
  settle(): Promise<void>
  /** Takes at most eight seconds. Answers what was left because it took too long. */
  stop(): Promise<string[]>
}

/** A webhook that is called before the bot knows its own name is called again. */
const notYet: Promise<Received> = Promise.resolve({ done: false })

/** Longer than any edit of a card can be under way. */
const CARD_MEMORY_MS = 24 * HOUR

/** Wires the process: config in, a running bot out. Whatever was opened is closed again when a later step fails. */
export async function startApp(config: Config, options: AppOptions = {}): Promise<App> {
  const clock = options.clock ?? systemClock
  const log = options.log ?? createLog(config.logLevel, config.secrets)
  const closers = createClosers()
  const stop = () => closers.run((name, error) => logFailure(log, error, `${name} did not close`), STOP_LIMITS)
  try {
    return await wire(config, options, { clock, log, closers, stop })
  } catch (error) {
    await stop()
    throw error
  }
}

/** Together with what cannot be bounded well below the ten seconds after which hosts kill. */
const STOP_LIMITS = { eachMs: 2.5 * SECOND, totalMs: 6.5 * SECOND }

type Ground = { clock: Clock; log: Log; closers: ReturnType<typeof createClosers>; stop: App['stop'] }

async function wire(config: Config, options: AppOptions, ground: Ground): Promise<App> {
  const { clock, log, closers, stop } = ground
  const startedAt = clock.now()
  const metrics = createMetrics(startedAt)
  closers.push('metrics', () => metrics.close())
  const { telemetry, lines } = createWitness(clock, metrics.telemetry, remotesOf(config))
  let duty: Duty | undefined
  const noteOutage = () => duty?.noteOutage()
  const stores = await openStores({
    config,
    clock,
    log,
    telemetry,
    closers,
    onDown: noteOutage,
    ...(options.redisPatienceMs && { redisPatienceMs: options.redisPatienceMs }),
  })
  const market = await openMarket({ config, database: stores.database, clock, log, telemetry, closers })
  const alarms = await createAlarms({
    database: stores.database,
    clock,
    log: (message, error) => log.warn({ err: error }, message),
    telemetry,
  })
  closers.push('alarms', () => alarms.close())
  const insight = openInsight({ clock, log, stores, alarms, metrics, since: startedAt })

  const telegraf = new Telegraf(config.botToken, { telegram: { apiRoot: config.telegramApiRoot } })
  const api = createBotApi(telegraf.telegram, { clock, telemetry })
  const outbox = createOutbox(api, clock, log)
  closers.push('outbox', () => outbox.close())
  const pictures = options.pictures ?? createPictures({ clock, log })
  if (!options.pictures) closers.push('pictures', () => pictures.close())
  const deps = createDeps(config, stores, market, alarms, { clock, log, telemetry })
  if (stores.home === 'redis') await attendStranded(deps, stores.databaseSessions, options.importSessions ?? false)

  // Before the outbox: a notice whose sending is broken off would be sent again.
  closers.push('alarms in hand', () => alarms.pause())
  const sharing = createSharing(stores, deps)
  closers.push('channels', sharing.close)
  const lanes = createLanes()
  closers.push('handlers', () => lanes.idle())
  const edge: Edge = {
    deps,
    outbox,
    admins: createAdmins(api, clock, log, telemetry),
    languages: createGroupLanguages(deps),
    pictures,
    currency: config.quoteCurrency,
  }
  let receiver: Receiver | undefined
  const dutyState = () => duty?.state() ?? { ok: false, updates: 'starting' }
  const readiness = async (): Promise<Readiness> => {
    const { ok, checks } = await storeChecks(stores)
    const { ok: isWell, updates } = dutyState()
    return {
      ready: ok && isWell,
      checks: { ...checks, updates, ...lines(), alarms: alarms.isRinging() ? 'ok' : 'resting' },
    }
  }
  const webhook =
    config.intake.kind === 'webhook'
      ? createWebhook(config.intake.secret, (update) => receiver?.receive(update) ?? notYet)
      : undefined
  const admin = openOperatorPages(config, { deps, stores, insight, alarms, duty: dutyState })
  const server = createHttpServer({ readiness, webhook, callback: callbackOf(config, deps), admin, log })
  const port = await listen(server, config.http.host, config.http.port)
  closers.push('http', () => closeServer(server))

  const stopping = new AbortController()
  options.signal?.addEventListener('abort', () => stopping.abort(), { once: true })
  const patience = { clock, log, signal: stopping.signal }
  const me = await whoAmI(api, patience)
  const limits = createLimits(config.shares, me.username)
  const handOn = createHandOn(clock, telemetry)
  receiver = createReceiver(withLimits(createBot(config.botToken, me, edge), limits, edge), {
    lanes,
    clock,
    log,
    telemetry,
    onUnavailable: noteOutage,
    holdsBack: config.intake.kind === 'polling',
    handOn,
  })
  const { receive, resume } = receiver
  const cardLog = createCardLog(stores.database.db)
  duty = createDuty({
    leadership: leadershipOf(config, deps),
    deps,
    alarms,
    handlers: createHandlers(config, edge, cardLog),
    isWaiting: receiver.isWaiting,
    createIntake: ({ onConflict, onGap }) =>
      config.intake.kind === 'polling'
        ? createPoller({ api, receive, resume, outbox, onConflict, onGap, clock, log })
        : createWebhookIntake({ ...config.intake, url: config.intake.url + WEBHOOK_PATH, api, patience, onGap }),
    ping: () => Promise.all([stores.sessions.ping(), stores.database.ping()]),
    purgeExpired: async () => {
      await stores.purgeExpired()
      await cardLog.purge(clock.now() - CARD_MEMORY_MS)
    },
  })
  const { passed, shut, state, stop: goOffDuty } = duty
  closers.push('duty', goOffDuty)
  await duty.start(stopping.signal)
  if (config.intake.kind === 'webhook') {
    closers.push('other instances', sharing.leave)
    sharing.begin({ begin: handOn.begin, answer: createAnswer(receiver.receiveForAnother, clock) })
  }
  untilDone(() => publishCommands(api), patience).catch((error: unknown) =>
    log.warn({ err: error }, 'the list of commands could not be published'),
  )
  // What is being asked is left alone: it may take long, and nothing depends on it.
  closers.push('waiting for Telegram', () => stopping.abort())
  // First of all: a gate that opened while everything stops would let votes be closed before their time.
  closers.push('gate', shut)
  const { home, database } = stores
  const { updates } = state()
  log.info(
    { bot: me.username, port, sessions: home, database: database.kind, updates, ms: clock.now() - startedAt },
    'ready',
  )

  return {
    port,
    insight,
    async settle() {
      await lanes.idle()
      await passed()
      await sweep(deps, 'due')
      await alarms.settle()
      await outbox.idle()
    },
    stop,
  }
}

/** Of the instances that poll one leads, where there can be several. */
const leadershipOf = ({ intake, database }: Config, { botId }: Deps): Leadership =>
  intake.kind === 'polling' && database.kind === 'postgres'
    ? createLeadership({ url: database.url, botId })
    : alwaysLeading

function createDeps(
  config: Config,
  stores: Stores,
  market: Market,
  alarms: Alarms,
  { clock, log, telemetry }: Pick<Ground, 'clock' | 'log'> & { telemetry: Telemetry },
): Deps {
  const { db } = stores.database
  return {
    store: stores.sessions,
    groups: createGroups(db, clock),
    registry: createRegistry(db),
    archive: createArchive(db),
    ...market,
    alarms,
    clock,
    log,
    telemetry,
    ...createRepaint({ alarms, clock, log }),
    isElsewhere: async (id) =>
      stores.home === 'database instead of redis' ||
      (stores.home === 'redis' && (await stores.databaseSessions.holds(id))),
    botId: Number(config.botToken.split(':')[0]),
    stake: { ...config.stake, most: Math.min(config.stake.most, Number(config.trading.perTrade ?? config.stake.most)) },
    sessionLifetimeMinutes: config.sessionLifetimeMinutes,
  }
}

/** By the kind of alarm. */
function createHandlers(config: Config, edge: Edge, cardLog: CardLog): DutyParts['handlers'] {
  const { deps, outbox, pictures } = edge
  const parts = { deps, outbox, pictures, cardLog, currency: config.quoteCurrency }
  const presenter = createPresenter(parts)
  return {
    ...presenter,
    close: (alarm, mayDecide) => closeProposal(deps, alarm, mayDecide),
    end: (alarm, mayDecide) => endSession(deps, alarm, mayDecide),
    archive: (alarm) => archive(deps, alarm),
    trade: (alarm) => carryOut(deps, alarm),
    order: createOrderPresenter(parts),
  }
}

/** Where the group's own software reports results that come late. */
const callbackOf = ({ trading: { executor } }: Config, deps: Deps) =>
  executor.kind === 'webhook'
    ? createCallback({
        read: createCallbackReader(executor.secret, deps.clock),
        settle: (id, outcome) => takeLateResult(deps, id, outcome),
      })
    : undefined

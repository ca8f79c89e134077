import { tmpdir } from 'node:os'
import type { RequestHandler } from 'express'
import type { Deps } from './actions/deps.ts'
import { getAllSessionsForChat } from './actions/get-all-sessions.ts'
import type { BullmqAlarms } from './alarms/bullmq.ts'
import { BACKUP_PATH } from './backup/from-bot.ts'
import { takeBackup } from './backup/take.ts'
import type { Config } from './config.ts'
import type { Duty } from './duty.ts'
import { createAdmin } from './http/admin.ts'
import { createBackupPage } from './http/backup.ts'
import { BOARD_PATH, createBoard } from './http/board.ts'
import { createMetricsPage, createStatsPages } from './http/pages.ts'
import type { InsightDesk } from './insight.ts'
import type { Stores } from './stores.ts'

type Parts = {
  deps: Deps
  stores: Stores
  insight: InsightDesk
  alarms: Pick<BullmqAlarms, 'board'>
  duty: () => ReturnType<Duty['state']>
}

/** The pages for whoever runs the bot; none without `ADMIN_TOKEN`. */
export function openOperatorPages(
  config: Pick<Config, 'adminToken' | 'dataDir'>,
  { deps, stores, insight, alarms, duty }: Parts,
): RequestHandler | undefined {
  const { adminToken: token, dataDir } = config
  if (token === undefined) return undefined
  const { clock, log, telemetry, botId } = deps
  const readMetrics = () => {
    const { ok, updates } = duty()
    telemetry.is('taking', ok && updates === 'ok')
    // There is no other way to be well and take nothing.
    telemetry.is('standby', ok && updates !== 'ok')
    return insight.metrics()
  }
  const pages = {
    '/metrics': createMetricsPage(readMetrics),
    '/stats': createStatsPages({
      stats: insight.stats,
      sessionsOf: (chatId, page) => getAllSessionsForChat(deps, chatId, page),
    }),
    [BOARD_PATH]: createBoard(() => alarms.board(), log),
    [BACKUP_PATH]: createBackupPage({
      take: (path) => takeBackup({ ...stores, botId, clock }, path),
      folder: stores.database.kind === 'embedded' ? dataDir : tmpdir(),
      log,
    }),
  }
  return createAdmin({ token, clock, log, pages })
}

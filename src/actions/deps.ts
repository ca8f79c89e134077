import type { Alarms } from '../alarms/alarms.ts'
import type { StakeBounds } from '../domain/stake.ts'
import type { TradingRules } from '../domain/trading-rules.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Telemetry } from '../metrics/telemetry.ts'
import type { Archive, Groups, Registry } from '../storage/records.ts'
import type { SessionStore } from '../storage/session-store.ts'
import type { Executor } from '../trading/executor.ts'
import type { Books, Ledger } from '../trading/ledger.ts'
import type { Prices } from '../trading/prices.ts'

/** What every action works with. Actions see ports, never adapters. */
export type Deps = {
  store: SessionStore
  groups: Groups
  registry: Registry
  archive: Archive
  ledger: Ledger
  books: Books
  prices: Prices
  executor: Executor
  trading: TradingRules
  alarms: Pick<Alarms, 'ring' | 'ringFirst'>
  clock: Clock
  log: Log
  telemetry: Telemetry
  /** Asks for a card to show the newest state soon; many wishes make one edit. */
  repaint(sessionId: string, cardId: string): Promise<void>
  /** Whether an alarm of this process will show the newest state, so that nothing is to be wished for. */
  isPaintPlanned(cardId: string): boolean
  /** Hears when a card was edited, or is to be: the next wish counts from there. */
  notePaint(cardId: string, at: number): void
  /** Whether a session's document may be in the other store: while one stands in for the other, none counts as lost. */
  isElsewhere(sessionId: string): Promise<boolean>
  botId: number
  stake: StakeBounds
  sessionLifetimeMinutes: number
}

export type Chat = { id: number; title: string }

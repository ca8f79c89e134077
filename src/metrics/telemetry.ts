/**
 * What the bot tells of its own doings, for whoever counts them. Telling never throws, never waits, and changes nothing.
 * Durations and lags are in milliseconds.
 */
export type Telemetry = {
  /**
   * An update was received and answered. `again`: it is to be delivered once more, or left to whoever handed it on. `handed_on`:
   * another instance did it.
   */
  update(kind: UpdateKind, outcome: UpdateOutcome, ms: number): void
  /** A tap was handed on to the instance that has its chat, which so long after had done it or not, or was silent. */
  handedOn(outcome: HandedOn, ms: number): void
  /** A vote was stored. */
  vote(vote: 'yes' | 'no'): void
  /** Somebody joined a session or left it. */
  participation(change: 'joined' | 'left'): void
  /** So many waiting changes of a session were written together; `lost`: another process had written first. */
  commit(size: number, fate: 'written' | 'lost' | 'unknown'): void
  /** A proposal was decided so long after its deadline. */
  decided(outcome: 'approved' | 'not_approved', lagMs: number): void
  /** An alarm was handled so long after its time. `again`: its handler asked to be rung once more. */
  alarm(kind: string, outcome: 'done' | 'again' | 'failed', lagMs: number, ms: number): void
  /** One call of the Bot API. `cancelled`: given up by the bot itself, as a long poll is when something else is to be done. */
  call(method: string, outcome: 'ok' | 'flood' | 'refused' | 'unavailable' | 'cancelled', ms: number): void
  /** Telegram asked to wait so long. */
  floodWait(ms: number): void
  /** An order came into this state. */
  order(state: string): void
  /** A cache had what was asked for, or had not. */
  cache(name: CacheName, isHit: boolean): void
  /** A person or a chat asked for more than its share. */
  limited(whose: 'person' | 'chat'): void
  /** A store began or ceased to answer. */
  store(name: StoreName, isUp: boolean): void
  /** What is elsewhere was asked, and answered or not. */
  remote(name: RemoteName, isAnswer: boolean): void
  /** What this process does now: it takes updates and decides, or stands by while another polls. */
  is(what: 'taking' | 'standby', isSo: boolean): void
}

export type UpdateKind = 'command' | 'message' | 'tap' | 'membership' | 'other'
export type UpdateOutcome = 'done' | 'again' | 'failed' | 'limited' | 'unsound' | 'handed_on'
export const CACHES = ['rights', 'documents', 'languages', 'prices'] as const
export type CacheName = (typeof CACHES)[number]
export type StoreName = 'sessions' | 'database'
/** Where the prices come from, and where orders are carried out. */
export type RemoteName = 'prices' | 'executor'

const nothing = (): void => undefined

export type HandedOn = 'done' | 'not_done' | 'unanswered'

/** Tells nobody. */
export const silent: Telemetry = {
  update: nothing,
  handedOn: nothing,
  vote: nothing,
  participation: nothing,
  commit: nothing,
  decided: nothing,
  alarm: nothing,
  call: nothing,
  floodWait: nothing,
  order: nothing,
  cache: nothing,
  limited: nothing,
  store: nothing,
  remote: nothing,
  is: nothing,
}

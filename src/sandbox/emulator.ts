import { setMaxListeners } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Update } from 'telegraf/types'
import { type Clock, systemClock } from '../lib/clock.ts'
import { createActivity } from './activity.ts'
import { createFaultPanel, type FaultPanel } from './faults.ts'
import { createGroup, type Group, type GroupOptions } from './groups.ts'
import { realisticLimits } from './limits.ts'
import { keyOfCommands } from './methods/asking.ts'
import { chatWith, createPerson, type Person, type PersonOptions } from './people.ts'
import { type QuietOptions, quiet, until } from './quiet.ts'
import { listen } from './server.ts'
import { type ChatView, chatView } from './shown.ts'
import { type AnonymousAdmin, anonymousAdmin, type Channel, channel, type OtherBot, otherBot } from './strangers.ts'
import { leaveUnanswered } from './taps.ts'
import { transcriptOf } from './transcript.ts'
import { createUpdateQueue, type Outcome } from './updates.ts'
import type { ApiCall, BotCommand, World } from './world.ts'

export type EmulatorOptions = {
  readonly token?: string
  readonly clock?: Clock
  /** A free one unless given. */
  readonly port?: number
  readonly botName?: string
  readonly botUsername?: string
  /** As @BotFather sets it up: in groups the bot sees only what is meant for it. On unless given. */
  readonly privacyMode?: boolean
  /** How long, in real time, nothing may happen before a tap the bot has taken counts as unanswered. */
  readonly graceMs?: number
}

/** Telegram as far as a bot can see it: the Bot API over HTTP, and the people and chats behind it. */
export type Emulator = {
  /** Goes into TELEGRAM_API_ROOT. */
  readonly url: string
  readonly token: string
  readonly bot: { readonly id: number; readonly name: string; readonly username: string }
  person(name: string, options?: PersonOptions): Person
  group(title: string, options?: GroupOptions): Group
  privateWith(person: Person): ChatView
  anonymousAdmin(group: Group): AnonymousAdmin
  channel(title: string): Channel
  otherBot(name: string): OtherBot
  readonly faults: FaultPanel
  /** Refuses with flood waits about where Telegram would; without it nothing but `faults` does. */
  realisticLimits(): void
  /** Every update so far. */
  readonly updates: readonly Update[]
  /** Delivers an update once more, under its id. Resolves when it was taken, or came to nothing. */
  redeliver(updateId: number): Promise<Outcome>
  /** Delivers an update as given; without an `update_id` it gets the next one. */
  inject(update: Readonly<Record<string, unknown>>): Promise<Outcome>
  /** Updates not yet taken. */
  pendingUpdates(): number
  /** Every call the bot made, polling included. */
  readonly calls: readonly ApiCall[]
  callsOf(method: string): readonly ApiCall[]
  /** What setMyCommands left for a scope (`default` unless given) and a language. */
  commandsFor(scope?: string | Readonly<Record<string, unknown>>, language?: string): readonly BotCommand[]
  /** Resolves when every update was taken and no call has been in progress for a little while. */
  quiet(options?: QuietOptions): Promise<void>
  /** Resolves when the condition holds; looks again at every happening. */
  until(condition: () => boolean, options?: { readonly withinMs?: number }): Promise<void>
  /** The stories of all chats in which something happened. */
  transcript(): string
  close(): Promise<void>
}

const TOKEN = '7000000001:AAEmulatedTokenOfNoWorthWhatsoever0'

export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const world = createWorld(options)
  const server = await listen(world, options.port ?? 0)
  const { port } = server.address() as AddressInfo
  const close = async () => {
    world.closing.abort()
    for (const entry of world.updates.pending()) world.updates.settle(entry, 'dropped')
    for (const tap of world.taps.values()) leaveUnanswered(tap)
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${port}`, ...builders(world), ...observation(world), close }
}

function createWorld(options: EmulatorOptions): World {
  const { token = TOKEN, clock = systemClock, botName = 'tradevote', botUsername = 'tradevote_bot' } = options
  const activity = createActivity()
  const closing = new AbortController()
  // Every call and delivery in progress listens to it.
  setMaxListeners(0, closing.signal)
  return {
    clock,
    token,
    bot: { id: Number(token.split(':')[0]), is_bot: true, first_name: botName, username: botUsername },
    privacyMode: options.privacyMode ?? true,
    graceMs: options.graceMs ?? 100,
    closing,
    activity,
    updates: createUpdateQueue(clock, activity, 81_001),
    people: new Map(),
    chats: new Map(),
    taps: new Map(),
    commands: new Map(),
    calls: [],
    faults: [],
    webhook: undefined,
    endPoll: undefined,
    limits: undefined,
    lastSharedMessageId: 0,
    lastSerial: 0,
  }
}

function builders(world: World) {
  return {
    token: world.token,
    bot: { id: world.bot.id, name: world.bot.first_name, username: world.bot.username ?? '' },
    person: (name: string, options: PersonOptions = {}) => createPerson(world, name, options),
    group: (title: string, options: GroupOptions = {}) => createGroup(world, title, options),
    privateWith: (person: Person) => chatView(world, chatWith(world, person.id)),
    anonymousAdmin: (group: Group) => anonymousAdmin(world, group),
    channel: (title: string) => channel(world, title),
    otherBot: (name: string) => otherBot(world, name),
    faults: createFaultPanel(world.faults, world.clock),
    realisticLimits: () => {
      world.limits = realisticLimits(world.clock)
    },
    inject: (update: Readonly<Record<string, unknown>>) => world.updates.inject(update).outcome,
    redeliver: (updateId: number) => {
      const update = world.updates.all.find((one) => one.update_id === updateId)
      if (!update) throw new Error(`There was no update ${updateId}`)
      return world.updates.inject(update as unknown as Readonly<Record<string, unknown>>).outcome
    },
  }
}

function observation(world: World) {
  return {
    updates: world.updates.all,
    pendingUpdates: () => world.updates.pending().length,
    calls: world.calls,
    callsOf: (method: string) => world.calls.filter((call) => call.method.toLowerCase() === method.toLowerCase()),
    commandsFor: (scope: string | Readonly<Record<string, unknown>> = 'default', language = '') =>
      world.commands.get(keyOfCommands(typeof scope === 'string' ? { type: scope } : scope, language)) ?? [],
    quiet: (options?: QuietOptions) => quiet(world, options),
    until: (condition: () => boolean, options?: { readonly withinMs?: number }) => until(world, condition, options),
    transcript: () =>
      [...world.chats.values()]
        .filter((chat) => chat.story.length > 0)
        .map((chat) => `── ${chat.title} ──\n${transcriptOf(world, chat)}`)
        .join('\n\n'),
  }
}

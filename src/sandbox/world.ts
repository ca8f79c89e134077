import type { Clock } from '../lib/clock.ts'
import type { Activity } from './activity.ts'
import type { Fault } from './faults.ts'
import type { Entity } from './html.ts'
import type { Params, UploadedFile } from './params.ts'
import type { UpdateQueue } from './updates.ts'

/** Telegram counts in seconds; everything here that ends in `At` is in milliseconds. */
export type User = {
  readonly id: number
  readonly is_bot: boolean
  readonly first_name: string
  readonly username?: string
  readonly language_code?: string
}

export type SenderChat = { readonly id: number; readonly type: string; readonly title: string }

export type Button = { readonly text: string; readonly callback_data?: string } & Readonly<Record<string, unknown>>
export type Keyboard = readonly (readonly Button[])[]

export type StoredMessage = {
  readonly id: number
  readonly chatId: number
  readonly from: User | undefined
  readonly senderChat: SenderChat | undefined
  readonly kind: 'text' | 'photo' | 'document' | 'service'
  readonly service: Readonly<Record<string, unknown>> | undefined
  readonly file: UploadedFile | undefined
  readonly replyTo: number | undefined
  readonly silent: boolean
  readonly sentAt: number
  text: string
  entities: readonly Entity[]
  html: string
  keyboard: Keyboard | undefined
  reactions: readonly string[]
  deleted: boolean
  pinned: boolean
  readonly editedAt: number[]
}

export type Status = 'creator' | 'administrator' | 'member' | 'left' | 'kicked'

export type StoryEvent =
  | { readonly kind: 'message'; readonly message: StoredMessage; readonly at: number }
  | { readonly kind: 'tap'; readonly tap: Tap; readonly at: number }
  | { readonly kind: 'reaction'; readonly message: StoredMessage; readonly emoji: string; readonly at: number }
  | { readonly kind: 'note'; readonly text: string; readonly at: number }

export type Chat = {
  readonly id: number
  readonly type: 'private' | 'group' | 'supergroup' | 'channel'
  readonly instance: string
  readonly person: User | undefined
  title: string
  /** Whether a person has ever written here; in a private chat the bot may not write first. */
  started: boolean
  botStatus: Status
  readonly members: Map<number, Status>
  readonly messages: Map<number, StoredMessage>
  lastMessageId: number
  reactionsForbidden: boolean
  migratedTo: number | undefined
  readonly story: StoryEvent[]
}

export type TapAnswer = {
  /** What the person was shown; undefined where the bot answered without words, or not at all. */
  readonly text: string | undefined
  readonly alert: boolean
  /** True where the update was taken, dropped or expired, and no answer came. */
  readonly unanswered: boolean
}

export type Tap = {
  readonly id: string
  readonly by: User
  readonly message: StoredMessage
  readonly label: string
  readonly data: string
  readonly at: number
  answer: TapAnswer | undefined
  readonly answered: (answer: TapAnswer) => void
}

export type ApiCall = {
  /** As Telegram spells it. */
  readonly method: string
  readonly params: Params
  readonly chatId: number | undefined
  readonly at: number
  /** Whether it came as a request of its own or as the answer to a webhook delivery. */
  readonly via: 'request' | 'webhook'
  ok: boolean | undefined
  status: number | undefined
  description: string | undefined
}

export type Webhook = {
  readonly url: string
  readonly secret: string | undefined
  readonly maxConnections: number
  lastErrorAt: number | undefined
  lastError: string | undefined
  readonly stop: () => void
}

export type BotCommand = { readonly command: string; readonly description: string }

export type World = {
  readonly clock: Clock
  readonly token: string
  readonly bot: User
  readonly privacyMode: boolean
  readonly graceMs: number
  readonly closing: AbortController
  readonly activity: Activity
  readonly updates: UpdateQueue
  readonly people: Map<number, User>
  readonly chats: Map<number, Chat>
  readonly taps: Map<string, Tap>
  readonly commands: Map<string, readonly BotCommand[]>
  readonly calls: ApiCall[]
  readonly faults: Fault[]
  webhook: Webhook | undefined
  /** Ends the long poll in progress, refusing it with the reason. */
  endPoll: ((reason: string) => void) | undefined
  limits: SendLimits | undefined
  /** Private chats and basic groups share one sequence, as with Telegram: a message id alone names no message. */
  lastSharedMessageId: number
  lastSerial: number
}

/** Says how many seconds a message to this chat has to wait; 0 where it may go now. */
export type SendLimits = { waitFor(chat: Chat): number }

import type { UploadedFile } from './params.ts'
import { transcriptOf, wordsOf } from './transcript.ts'
import type { Chat, StoredMessage, World } from './world.ts'

/** A message as people see it. Everything but what it was born with is live: it says what is shown now. */
export type ShownMessage = {
  readonly id: number
  readonly chatId: number
  /** `bot`, or the name of the person (or chat) that wrote it. */
  readonly from: string
  /** Without markup; the caption where it is a picture or a file; a few words where it is a service message. */
  readonly text: string
  readonly html: string
  /** The labels, row by row. */
  readonly buttons: readonly (readonly string[])[]
  readonly buttonData: readonly (readonly (string | undefined)[])[]
  readonly replyTo: number | undefined
  readonly kind: StoredMessage['kind']
  readonly file: UploadedFile | undefined
  readonly silent: boolean
  readonly deleted: boolean
  readonly pinned: boolean
  readonly edits: number
  readonly editedAt: readonly number[]
  /** Epoch seconds, as Telegram gives it to the bot. */
  readonly date: number
  readonly sentAt: number
  /** The reactions the bot has put. */
  reactions(): readonly string[]
}

/** What there is to see in a chat. */
export type ChatView = {
  readonly id: number
  readonly title: string
  /** Oldest first, without what was deleted. */
  readonly messages: readonly ShownMessage[]
  /** The message of this id, even if it was deleted. */
  message(id: number): ShownMessage | undefined
  fromBot(): readonly ShownMessage[]
  lastFromBot(): ShownMessage | undefined
  /** The story of the chat, in order, as lines of text; without its first happenings where told so. */
  transcript(without?: number): string
  /** How many happenings the story has so far. */
  readonly happenings: number
  /** Adds a line to the story that nobody in the chat sees. */
  note(text: string): void
}

const known = new WeakMap<StoredMessage, ShownMessage>()

export function shown(world: World, message: StoredMessage): ShownMessage {
  const before = known.get(message)
  if (before) return before
  const view: ShownMessage = {
    id: message.id,
    chatId: message.chatId,
    from: authorOf(world, message),
    replyTo: message.replyTo,
    kind: message.kind,
    file: message.file,
    silent: message.silent,
    date: Math.floor(message.sentAt / 1000),
    sentAt: message.sentAt,
    reactions: () => message.reactions,
    get text() {
      return wordsOf(message)
    },
    get html() {
      return message.html
    },
    get buttons() {
      return (message.keyboard ?? []).map((row) => row.map((button) => button.text))
    },
    get buttonData() {
      return (message.keyboard ?? []).map((row) => row.map((button) => button.callback_data))
    },
    get deleted() {
      return message.deleted
    },
    get pinned() {
      return message.pinned
    },
    get edits() {
      return message.editedAt.length
    },
    get editedAt() {
      return message.editedAt
    },
  }
  known.set(message, view)
  return view
}

export function chatView(world: World, chat: Chat): ChatView {
  const all = () => [...chat.messages.values()].filter((message) => !message.deleted)
  const fromBot = () => all().filter((message) => message.from?.id === world.bot.id)
  const show = (message: StoredMessage | undefined) => message && shown(world, message)
  return {
    id: chat.id,
    get title() {
      return chat.title
    },
    get messages() {
      return all().map((message) => shown(world, message))
    },
    message: (id) => show(chat.messages.get(id)),
    fromBot: () => fromBot().map((message) => shown(world, message)),
    lastFromBot: () => show(fromBot().at(-1)),
    transcript: (without = 0) => transcriptOf(world, chat, without),
    get happenings() {
      return chat.story.length
    },
    note: (text) => void chat.story.push({ kind: 'note', text, at: world.clock.now() }),
  }
}

function authorOf(world: World, message: StoredMessage): string {
  if (message.senderChat) return message.senderChat.title
  return message.from?.id === world.bot.id ? 'bot' : (message.from?.first_name ?? '')
}

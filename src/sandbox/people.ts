import { createChat, isPresent } from './chats.ts'
import { type ChatView, chatView, type ShownMessage } from './shown.ts'
import { rewrite, type SayOptions, say, tellBotOfItself } from './speaking.ts'
import { findButton, type PendingTap, tap } from './taps.ts'
import type { Chat, TapAnswer, User, World } from './world.ts'

export type PersonOptions = {
  readonly id?: number
  readonly username?: string
  /** IETF tag, as in `from.language_code`; `en` unless given. */
  readonly language?: string
}

/** Somebody who writes and taps. They act by what they see, and are told so where they cannot. */
export type Person = {
  readonly id: number
  readonly name: string
  readonly username: string | undefined
  readonly language: string
  /** Their chat with the bot. The bot may write there once they have. */
  readonly privateChat: ChatView
  says(chat: ChatView, text: string, options?: SayOptions): Promise<ShownMessage>
  /** Changes a message of their own. */
  edits(message: ShownMessage, text: string): Promise<void>
  /** Taps the button with this label, as shown now, and waits for what the bot answers. */
  taps(message: ShownMessage, label: string): Promise<TapAnswer>
  tapsWithoutWaiting(message: ShownMessage, label: string): PendingTap
  /** A hostile client: taps with any data, on any message, even a deleted one, from inside the chat or not. */
  tapsData(message: ShownMessage, data: string): Promise<TapAnswer>
  blocksBot(): void
  unblocksBot(): void
}

export function createPerson(world: World, name: string, options: PersonOptions): Person {
  const { id = nextPersonId(world), username, language = 'en' } = options
  const user: User = { id, is_bot: false, first_name: name, ...(username && { username }), language_code: language }
  world.people.set(id, user)
  const own = createChat(world, { id, type: 'private', title: name, person: user })
  own.members.set(id, 'member')
  const tapsWithoutWaiting = (message: ShownMessage, label: string) => {
    const chat = entered(world, user, message.chatId)
    const { callback_data: data, text } = findButton(chat, message.id, label)
    if (data === undefined) throw new Error(`The button “${text}” tells the bot nothing (it opens something)`)
    return tap(world, chat, message.id, user, data, text)
  }
  return {
    id,
    name,
    username,
    language,
    privateChat: chatView(world, own),
    says: async (chat, text, said) => say(world, entered(world, user, chat.id), { from: user }, text, said),
    edits: async (message, text) => rewrite(world, entered(world, user, message.chatId), message.id, text),
    taps: async (message, label) => tapsWithoutWaiting(message, label).answer,
    tapsWithoutWaiting,
    tapsData: (message, data) =>
      tap(world, chatWith(world, message.chatId), message.id, user, data, `(forged) ${data}`).answer,
    blocksBot: () => setBotStatus(world, own, user, 'kicked'),
    unblocksBot: () => setBotStatus(world, own, user, 'member'),
  }
}

/** Ids of every length that Telegram gives out, so that nobody counts on 32 bits. */
function nextPersonId(world: World): number {
  const ranges = [5_000_000_000, 123_456_000, 7_100_000_000_000]
  const serial = ++world.lastSerial
  return (ranges[serial % ranges.length] ?? 0) + serial
}

export function chatWith(world: World, id: number): Chat {
  const chat = world.chats.get(id)
  if (!chat) throw new Error(`There is no chat ${id} in this emulator`)
  return chat
}

function entered(world: World, user: User, id: number): Chat {
  const chat = chatWith(world, id)
  if (chat.migratedTo !== undefined) throw new Error(`${chat.title} has become a supergroup: act in the new one`)
  if (!isPresent(chat.members.get(user.id))) throw new Error(`${user.first_name} is not in ${chat.title}`)
  return chat
}

export function setBotStatus(world: World, chat: Chat, by: User, status: Chat['botStatus']): void {
  const before = chat.botStatus
  if (before === status) return
  chat.botStatus = status
  tellBotOfItself(world, chat, by, before, status)
}

import { type Group, nextGroupId } from './groups.ts'
import { chatWith } from './people.ts'
import type { ShownMessage } from './shown.ts'
import { type SayOptions, say } from './speaking.ts'
import type { User, World } from './world.ts'

/** Authors that are no person: Telegram lends them the account of a bot of its own. */
const GROUP_ANONYMOUS_BOT: User = { id: 1087968824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' }
const CHANNEL_BOT: User = { id: 136817688, is_bot: true, first_name: 'Channel', username: 'Channel_Bot' }

export type AnonymousAdmin = { says(text: string, options?: SayOptions): Promise<ShownMessage> }
export type Channel = {
  readonly id: number
  readonly title: string
  postsIn(group: Group, text: string, options?: SayOptions): Promise<ShownMessage>
}
export type OtherBot = {
  readonly id: number
  readonly name: string
  /** Delivered, although Telegram mostly keeps bots from hearing each other: the bot has to cope by itself. */
  says(group: Group, text: string, options?: SayOptions): Promise<ShownMessage>
}

export function anonymousAdmin(world: World, group: Group): AnonymousAdmin {
  world.people.set(GROUP_ANONYMOUS_BOT.id, GROUP_ANONYMOUS_BOT)
  return {
    says: async (text, options) => {
      const chat = chatWith(world, group.id)
      const senderChat = { id: chat.id, type: chat.type, title: chat.title }
      return say(world, chat, { from: GROUP_ANONYMOUS_BOT, senderChat }, text, options)
    },
  }
}

export function channel(world: World, title: string): Channel {
  world.people.set(CHANNEL_BOT.id, CHANNEL_BOT)
  const id = nextGroupId(world, 'channel')
  const speaker = { from: CHANNEL_BOT, senderChat: { id, type: 'channel', title } }
  return {
    id,
    title,
    postsIn: async (group, text, options) => say(world, chatWith(world, group.id), speaker, text, options),
  }
}

export function otherBot(world: World, name: string): OtherBot {
  const id = 6_000_000_000 + ++world.lastSerial
  const user: User = { id, is_bot: true, first_name: name, username: `${name.replace(/\W/g, '')}_bot` }
  world.people.set(id, user)
  return {
    id,
    name,
    says: async (group, text, options) => {
      const chat = chatWith(world, group.id)
      chat.members.set(id, 'member')
      return say(world, chat, { from: user }, text, options)
    },
  }
}

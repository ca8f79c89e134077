import { createChat, isAdmin } from './chats.ts'
import { type Person, setBotStatus } from './people.ts'
import { type ChatView, chatView } from './shown.ts'
import { announce } from './speaking.ts'
import type { Chat, User, World } from './world.ts'

export type GroupOptions = {
  /** A free one unless given. */
  readonly id?: number
  readonly type?: 'group' | 'supergroup'
  /** The first of them is the creator. */
  readonly admins?: readonly Person[]
  readonly members?: readonly Person[]
  /** Whether the bot may pin, delete and see everything; not unless given. */
  readonly botIsAdmin?: boolean
}

export type Group = ChatView & {
  readonly type: 'group' | 'supergroup'
  addAdmin(person: Person): void
  /** They stay as a member. */
  removeAdmin(person: Person): void
  addMember(person: Person): void
  removeMember(person: Person): void
  /** The bot is thrown out; both names are the same. */
  kickBot(): void
  blockBot(): void
  addBot(options?: { readonly asAdmin?: boolean }): void
  forbidReactions(): void
  allowReactions(): void
  /** Gives the group its new id, and returns the chat to act in from now on. */
  becomesSupergroup(): Promise<Group>
}

const TELEGRAM: User = { id: 777000, is_bot: false, first_name: 'Telegram' }

export function createGroup(world: World, title: string, options: GroupOptions): Group {
  const { type = 'supergroup', admins = [], members = [], botIsAdmin = false } = options
  const chat = createChat(world, { id: options.id ?? nextGroupId(world, type), type, title })
  for (const person of members) chat.members.set(person.id, 'member')
  admins.forEach((person, index) => {
    chat.members.set(person.id, index === 0 ? 'creator' : 'administrator')
  })
  if (botIsAdmin) chat.botStatus = 'administrator'
  return groupView(world, chat)
}

export function nextGroupId(world: World, type: Chat['type']): number {
  const serial = ++world.lastSerial
  return type === 'group' ? -(4_000_000_000 + serial) : -(1_001_234_567_000 + serial)
}

function groupView(world: World, chat: Chat): Group {
  const byWhom = () => ownerOf(world, chat)
  const kickBot = () => setBotStatus(world, chat, byWhom(), 'kicked')
  const controls = {
    type: chat.type === 'group' ? ('group' as const) : ('supergroup' as const),
    addAdmin: (person: Person) => void chat.members.set(person.id, 'administrator'),
    removeAdmin: (person: Person) => void chat.members.set(person.id, 'member'),
    addMember: (person: Person) => join(world, chat, person),
    removeMember: (person: Person) => leave(world, chat, person),
    kickBot,
    blockBot: kickBot,
    addBot: (options: { readonly asAdmin?: boolean } = {}) =>
      setBotStatus(world, chat, byWhom(), options.asAdmin ? 'administrator' : 'member'),
    forbidReactions: () => forbidReactions(chat, true),
    allowReactions: () => forbidReactions(chat, false),
    becomesSupergroup: async () => migrate(world, chat),
  }
  return Object.defineProperties(controls, Object.getOwnPropertyDescriptors(chatView(world, chat))) as Group
}

function forbidReactions(chat: Chat, are: boolean): void {
  chat.reactionsForbidden = are
}

function join(world: World, chat: Chat, { id }: Person): void {
  const user = userOf(world, id)
  chat.members.set(id, 'member')
  announce(world, chat, {
    from: user,
    service: { new_chat_members: [user], new_chat_member: user },
    text: `${user.first_name} joined`,
  })
}

function leave(world: World, chat: Chat, { id }: Person): void {
  const user = userOf(world, id)
  chat.members.set(id, 'left')
  announce(world, chat, { from: user, service: { left_chat_member: user }, text: `${user.first_name} left` })
}

function migrate(world: World, old: Chat): Group {
  if (old.type !== 'group') throw new Error(`${old.title} is a supergroup already`)
  const from = ownerOf(world, old)
  const chat = createChat(world, { id: nextGroupId(world, 'supergroup'), type: 'supergroup', title: old.title })
  for (const [id, status] of old.members) chat.members.set(id, status)
  chat.botStatus = old.botStatus
  chat.reactionsForbidden = old.reactionsForbidden
  announce(world, old, { from, service: { migrate_to_chat_id: chat.id }, text: 'The group became a supergroup' })
  old.migratedTo = chat.id
  announce(world, chat, { from, service: { migrate_from_chat_id: old.id }, text: 'The group became a supergroup' })
  return groupView(world, chat)
}

function ownerOf(world: World, chat: Chat): User {
  const admin = [...chat.members].find(([, status]) => isAdmin(status))?.[0]
  return (admin === undefined ? undefined : world.people.get(admin)) ?? TELEGRAM
}

function userOf(world: World, id: number): User {
  const user = world.people.get(id)
  if (!user) throw new Error(`Nobody here has the id ${id}`)
  return user
}

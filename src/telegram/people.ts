import type { Chat, Message, User } from 'telegraf/types'
import type { Person } from '../domain/session.ts'

/** Telegram's stand-in author of what an anonymous admin writes. */
export const ANONYMOUS_ADMIN_ID = 1_087_968_824

const NAME_LIMIT = 64

/** Control characters, line breaks and marks that reorder text could make one name look like another's line. */
const clean = (text: string): string =>
  [
    ...text
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  ]
    .slice(0, NAME_LIMIT)
    .join('')

/** @username, or the full name where there is none. */
export const nameOf = (user: Pick<User, 'id' | 'first_name' | 'last_name' | 'username'>): string =>
  user.username ? `@${user.username}` : clean(`${user.first_name} ${user.last_name ?? ''}`) || `#${user.id}`

export const personOf = (user: User): Person => ({ id: user.id, name: nameOf(user) })

/** What a person typed, as one line without marks that could disturb a card. */
export const cleanLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()

export type Author = { kind: 'person'; user: User } | { kind: 'anonymous_admin'; user: User } | { kind: 'other' }

/** Who speaks: only people vote, and an anonymous admin has an admin's rights but no vote. */
export function authorOf(message: Message): Author {
  const user = message.from
  if (!user) return { kind: 'other' }
  if (message.sender_chat) {
    const isGroupItself = message.sender_chat.id === message.chat.id && user.id === ANONYMOUS_ADMIN_ID
    return isGroupItself ? { kind: 'anonymous_admin', user } : { kind: 'other' }
  }
  return user.is_bot ? { kind: 'other' } : { kind: 'person', user }
}

export const isGroup = (chat: Chat): chat is Chat.GroupChat | Chat.SupergroupChat =>
  chat.type === 'group' || chat.type === 'supergroup'

import type { Chat, Message, User } from 'telegraf/types'
import type { Person } from '../domain/session.ts'

/** Telegram's stand-in author of what an anonymous admin writes. */
export const ANONYMOUS_ADMIN_ID = 1_087_968_824

const NAME_LIMIT = 64

/** As Telegram has it. */
const TITLE_LIMIT = 128

/**
 * What a person typed, as one line without marks that could disturb a card: control characters, line breaks and marks that
 * reorder text could make one name look like another's line, and nobody can store or send half a character.
 */
export const cleanLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()

const shortLine = (text: string, limit: number): string => [...cleanLine(text)].slice(0, limit).join('')

/** @username, or the full name where there is none. */
export const nameOf = (user: Pick<User, 'id' | 'first_name' | 'last_name' | 'username'>): string => {
  const { username, first_name: first, last_name: last = '' } = user
  return shortLine(username ? `@${username}` : `${first} ${last}`, NAME_LIMIT) || `#${user.id}`
}

export const titleOf = ({ title }: { title?: string }): string => shortLine(title ?? '', TITLE_LIMIT)

export const personOf = (user: User): Person => ({ id: user.id, name: nameOf(user) })

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

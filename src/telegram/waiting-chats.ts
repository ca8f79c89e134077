import { type Clock, MINUTE } from '../lib/clock.ts'

/** The chats of which something was said that could not be taken in yet, and is to be delivered again. */
export type WaitingChats = {
  add(chat: string, update: number): void
  remove(chat: string, update: number): void
  has(chat: string): boolean
}

/** What has not come again for so long does not come any more: Telegram forgets it after a day. */
const FORGOTTEN_AFTER_MS = MINUTE

export function createWaitingChats(clock: Clock): WaitingChats {
  const chats = new Map<string, Map<number, number>>()
  const remove = (chat: string, update: number) => {
    const updates = chats.get(chat)
    updates?.delete(update)
    if (updates?.size === 0) chats.delete(chat)
  }
  return {
    add(chat, update) {
      const updates = chats.get(chat) ?? new Map<number, number>()
      chats.set(chat, updates.set(update, clock.now()))
    },
    remove,
    has(chat) {
      for (const [update, at] of chats.get(chat) ?? []) if (clock.now() - at >= FORGOTTEN_AFTER_MS) remove(chat, update)
      return chats.has(chat)
    },
  }
}

/** What has come and waits, by chat: for its turn, or for another instance. */
export type PendingChats = {
  /** Answers what to call when it waits no more. */
  add(chat: string, arrivedAt: number): () => void
  /** Whether something is there that had come by then. */
  has(chat: string, dueAt: number): boolean
}

export function createPendingChats(): PendingChats {
  const chats = new Map<string, Set<{ arrivedAt: number }>>()
  return {
    add(chat, arrivedAt) {
      const ofChat = chats.get(chat) ?? new Set()
      const one = { arrivedAt }
      chats.set(chat, ofChat.add(one))
      return () => {
        ofChat.delete(one)
        if (ofChat.size === 0) chats.delete(chat)
      }
    },
    has(chat, dueAt) {
      for (const { arrivedAt } of chats.get(chat) ?? []) if (arrivedAt <= dueAt) return true
      return false
    },
  }
}

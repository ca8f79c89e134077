/** How updates come in: the poller, or the webhook. */
export type Intake = {
  start(): Promise<void>
  /** Resolves when what waited at Telegram has been handled, or when Telegram has not answered for a while. */
  drained(): Promise<void>
  /** What stands in the way of taking updates, if anything does. */
  readonly hindrance: string | undefined
  /**
   * Takes nothing more, and resolves when what was taken is handled. `silently`: without a word to Telegram, which another
   * instance may be talking to by now.
   */
  stop(how: 'properly' | 'silently'): Promise<void>
}

/** What the bot asks Telegram to send. */
export const ALLOWED_UPDATES = ['message', 'callback_query', 'my_chat_member'] as const

/**
 * Words between the instances of a bot, on channels. Nothing is kept: who does not hear a word when it is told never will.
 */
export type Bus = {
  /** Resolves with how many heard it; rejects where it cannot be told. */
  tell(channel: string, word: string): Promise<number>
  /** From now on, and again when a lost connection is back. Rejects where it may not be heard. */
  hear(channel: string, listener: (word: string) => void): Promise<void>
  /** Called whenever a lost connection is back, and what is told is heard again. */
  onBack(listener: () => void): void
  close(): void
}

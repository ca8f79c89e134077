/**
 * Words between the instances of a bot, on channels. Nothing is kept: who does not hear a word when it is told never will.
 */
export type Bus = {
  /** Resolves with how many heard it; rejects where it cannot be told. */
  tell(channel: string, word: string): Promise<number>
  /** From now on, and again when a lost connection is back. Rejects where it may not be heard. */
  hear(channel: string, listener: (word: string) => void): Promise<void>
  /** Called whenever a lost connection is back or was made anew, and what is told is heard again. */
  onBack(listener: () => void): void
  /** Makes the connection anew on which nothing is heard any more. Rejects where that cannot be done, and the old one stays. */
  renew(): Promise<void>
  close(): void
}

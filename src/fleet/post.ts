import { type Clock, SECOND } from '../lib/clock.ts'
import type { Word } from './word.ts'

/** Questions to other instances, and their answers; those of one turn of the event loop go together. */
export type Post = {
  /** Undefined where no answer comes. */
  ask(to: string, question: unknown): Promise<unknown>
  /** What came from another. */
  take(word: Word): void
  /** No answer is waited for any more. */
  giveUp(): void
  /** Resolves when whatever was asked here is answered. */
  idle(): Promise<void>
}

export type PostParts = {
  own: string
  clock: Clock
  /** Resolves with how many heard it. */
  tell: (to: string, word: Word) => Promise<number>
  /** Rejects where it has no answer: then whoever asked goes on alone. */
  answer: (question: unknown) => Promise<unknown>
  /** Nobody of that name heard, or nothing was heard of it since it was asked. */
  onUnanswered: (by: string, why: 'gone' | 'silent') => void
}

const LOOK_EVERY_MS = SECOND / 10
/** Nearly always it is some milliseconds. One that answers others meanwhile is slow, and worth some patience. */
const LOOKS_AT_SILENT = 5
const LOOKS_AT_SLOW = 20
/** What is beyond is left to whoever asks. */
const MOST_IN_HAND = 1000

/** `looks`: how often it was found open, so that no clock that is set makes it old or young. */
type Question = { to: string; looks: number; resolve: (answer: unknown) => void }

export function createPost({ own, clock, tell, answer, onUnanswered }: PostParts): Post {
  const open = new Map<number, Question>()
  const outgoing = new Map<string, Word>()
  /** By instance, the newest question there was when something was last heard of it. */
  const heardSince = new Map<string, number>()
  let idling: (() => void)[] = []
  let inHand = 0
  let last = 0
  let isWatching = false

  const settle = (number: number, given: unknown): void => {
    const question = open.get(number)
    open.delete(number)
    question?.resolve(given)
  }
  const send = async (to: string, word: Word): Promise<void> => {
    const heard = await tell(to, word).catch(() => 0)
    inHand -= word.answers.length
    if (heard === 0) {
      for (const [number] of word.asks) settle(number, undefined)
      heardSince.delete(to)
      onUnanswered(to, 'gone')
    }
    if (inHand > 0) return
    for (const wake of idling) wake()
    idling = []
  }
  const flush = (): void => {
    const words = [...outgoing]
    outgoing.clear()
    for (const [to, word] of words) void send(to, word)
  }
  const wordTo = (to: string): Word => {
    const begun = outgoing.get(to)
    if (begun) return begun
    if (outgoing.size === 0) setImmediate(flush)
    const word: Word = { from: own, asks: [], answers: [] }
    outgoing.set(to, word)
    return word
  }

  const look = (): void => {
    for (const [number, question] of open) {
      question.looks += 1
      const isSilent = question.looks >= LOOKS_AT_SILENT && (heardSince.get(question.to) ?? 0) < number
      if (isSilent) onUnanswered(question.to, 'silent')
      if (isSilent || question.looks >= LOOKS_AT_SLOW) settle(number, undefined)
    }
  }
  const watch = async (): Promise<void> => {
    isWatching = true
    for (; open.size > 0; look()) await clock.sleep(LOOK_EVERY_MS)
    isWatching = false
  }

  /** In hand until it was told. */
  const reply = async (to: string, number: number, question: unknown): Promise<void> => {
    const isTooMuch = inHand >= MOST_IN_HAND
    inHand += 1
    const given = isTooMuch ? null : await answer(question).catch(() => null)
    wordTo(to).answers.push([number, given])
  }

  return {
    ask: (to, question) =>
      new Promise((resolve) => {
        const number = ++last
        open.set(number, { to, looks: 0, resolve })
        wordTo(to).asks.push([number, question])
        if (!isWatching) void watch()
      }),
    take({ from, asks, answers }) {
      if (answers.length > 0) heardSince.set(from, last)
      for (const [number, given] of answers) if (open.get(number)?.to === from) settle(number, given ?? undefined)
      for (const [number, question] of asks) void reply(from, number, question)
    },
    giveUp() {
      for (const number of open.keys()) settle(number, undefined)
    },
    idle: () => (inHand === 0 ? Promise.resolve() : new Promise((resolve) => idling.push(resolve))),
  }
}

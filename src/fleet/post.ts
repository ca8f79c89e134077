import { type Clock, SECOND } from '../lib/clock.ts'
import type { Word } from './word.ts'

/** Questions to other instances, and their answers; those of one turn of the event loop go together. */
export type Post = {
  /** Undefined where no answer comes. */
  ask(to: string, question: unknown): Promise<unknown>
  /** What came from another. */
  take(word: Word): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

export type PostParts = {
  own: string
  clock: Clock
  /** Resolves with how many heard it. */
  tell: (to: string, word: Word) => Promise<number>
  /** Rejects where it has no answer: then whoever asked goes on alone. */
  answer: (question: unknown) => Promise<unknown>
  /** Nobody of that name heard, or answered in time. */
  onUnanswered: (by: string, why: 'gone' | 'silent') => void
}

/** Nearly always it is some milliseconds. After that whoever asked does it by itself. */
const PATIENCE_MS = 2 * SECOND
const LOOK_EVERY_MS = SECOND / 2

type Question = { to: string; askedAt: number; resolve: (answer: unknown) => void }

export function createPost({ own, clock, tell, answer, onUnanswered }: PostParts): Post {
  const open = new Map<number, Question>()
  const outgoing = new Map<string, Word>()
  let sending = 0
  const idling: (() => void)[] = []
  let inHand = 0
  let last = 0
  let isWatching = false

  const isIdle = () => open.size === 0 && inHand === 0 && outgoing.size === 0 && sending === 0
  const wakeIdle = () => {
    if (isIdle()) for (const wake of idling.splice(0)) wake()
  }
  const settle = (number: number, given: unknown): void => {
    const question = open.get(number)
    open.delete(number)
    question?.resolve(given)
  }
  const send = async (to: string, word: Word): Promise<void> => {
    sending += 1
    const heard = await tell(to, word).catch(() => 0)
    sending -= 1
    if (heard === 0) {
      for (const [number] of word.asks) settle(number, undefined)
      onUnanswered(to, 'gone')
    }
    wakeIdle()
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

  /** While anything is open. The oldest comes first. */
  const watch = async (): Promise<void> => {
    isWatching = true
    while (open.size > 0) {
      await clock.sleep(LOOK_EVERY_MS)
      const late = clock.now() - PATIENCE_MS
      for (const [number, { to, askedAt }] of open) {
        if (askedAt > late) break
        onUnanswered(to, 'silent')
        settle(number, undefined)
      }
    }
    isWatching = false
    wakeIdle()
  }

  const reply = async (to: string, number: number, question: unknown): Promise<void> => {
    inHand += 1
    const given = await answer(question).catch(() => null)
    wordTo(to).answers.push([number, given])
    inHand -= 1
  }

  return {
    ask: (to, question) =>
      new Promise((resolve) => {
        const number = ++last
        open.set(number, { to, askedAt: clock.now(), resolve })
        wordTo(to).asks.push([number, question])
        if (!isWatching) void watch()
      }),
    take({ from, asks, answers }) {
      for (const [number, given] of answers) settle(number, given ?? undefined)
      for (const [number, question] of asks) void reply(from, number, question)
      wakeIdle()
    },
    idle: () => (isIdle() ? Promise.resolve() : new Promise((resolve) => idling.push(resolve))),
  }
}

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
  /** Nobody of that name heard, or nothing was heard of it while it was asked. */
  onUnanswered: (by: string, why: 'gone' | 'silent') => void
}

const LOOK_EVERY_MS = SECOND / 10
/** Nearly always it is some milliseconds. One that has a question in hand for longer gives signs of life. */
const LOOKS_AT_SILENT = 5
const LOOKS_AT_SLOW = 20
/** What is beyond is left to whoever asks. */
const MOST_IN_HAND = 1000

/** In looks, so that no clock that is set makes it old or young. */
type Aged = { looks: number }
type Question = Aged & { resolve: (answer: unknown) => void }
/** One that was asked, with what it was not heard of for so long. */
type Asked = Aged & { open: Map<number, Question> }
/** A question of another that is being answered. */
type Held = Aged & { from: string }

export function createPost({ own, clock, tell, answer, onUnanswered }: PostParts): Post {
  const asked = new Map<string, Asked>()
  const held = new Set<Held>()
  const outgoing = new Map<string, Word>()
  let idling: (() => void)[] = []
  /** What is held, and what is answered and not told yet. */
  let inHand = 0
  let last = 0
  /** Words under way, and whether one has got through since the last look. */
  let telling = 0
  let hasTold = false
  let isWatching = false

  const settle = (by: string, number: number, given: unknown): void => {
    const other = asked.get(by)
    const question = other?.open.get(number)
    if (!other || !question) return
    other.open.delete(number)
    if (other.open.size === 0) asked.delete(by)
    question.resolve(given)
  }
  const send = async (to: string, word: Word): Promise<void> => {
    telling += 1
    // Where it could not be told, that is no fault of whom it was for.
    const heard = await tell(to, word).catch(() => undefined)
    telling -= 1
    if (heard !== undefined) hasTold = true
    inHand -= word.answers.length
    if (heard === 0) onUnanswered(to, 'gone')
    if (!heard) for (const [number] of word.asks) settle(to, number, undefined)
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

  const lookAtAsked = (by: string, other: Asked, isStalled: boolean): void => {
    const isSilent = !isStalled && ++other.looks >= LOOKS_AT_SILENT
    if (isSilent) onUnanswered(by, 'silent')
    for (const [number, question] of other.open)
      if (++question.looks >= LOOKS_AT_SLOW || isSilent) settle(by, number, undefined)
  }
  const look = (): void => {
    // Nobody can be heard while nothing gets through.
    const isStalled = telling > 0 && !hasTold
    hasTold = false
    for (const [by, other] of asked) lookAtAsked(by, other, isStalled)
    // An empty word, where there is no other, is a sign of life; later nobody waits any more.
    for (const one of held) if (++one.looks > 1 && one.looks < LOOKS_AT_SLOW) wordTo(one.from)
  }
  const watch = async (): Promise<void> => {
    if (isWatching) return
    isWatching = true
    for (; asked.size > 0 || held.size > 0; look()) await clock.sleep(LOOK_EVERY_MS)
    isWatching = false
  }

  const reply = async (from: string, number: number, question: unknown): Promise<void> => {
    const isTooMuch = inHand >= MOST_IN_HAND
    const one: Held = { from, looks: 0 }
    inHand += 1
    held.add(one)
    void watch()
    const given = isTooMuch ? null : await answer(question).catch(() => null)
    held.delete(one)
    wordTo(from).answers.push([number, given])
  }

  return {
    ask: (to, question) =>
      new Promise((resolve) => {
        const number = ++last
        const other = asked.get(to) ?? { looks: 0, open: new Map() }
        asked.set(to, other)
        other.open.set(number, { looks: 0, resolve })
        wordTo(to).asks.push([number, question])
        void watch()
      }),
    take({ from, asks, answers }) {
      const other = asked.get(from)
      if (other) other.looks = 0
      for (const [number, given] of answers) settle(from, number, given ?? undefined)
      for (const [number, question] of asks) void reply(from, number, question)
    },
    giveUp() {
      for (const [by, { open }] of asked) for (const number of open.keys()) settle(by, number, undefined)
    },
    idle: () => (inHand === 0 ? Promise.resolve() : new Promise((resolve) => idling.push(resolve))),
  }
}

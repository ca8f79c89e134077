import type { Emulator } from '../../src/sandbox/emulator.ts'
import type { Person } from '../../src/sandbox/people.ts'
import type { ChatView, ShownMessage } from '../../src/sandbox/shown.ts'
import type { TapAnswer } from '../../src/sandbox/world.ts'
import type { Answer, Deed, Meaning } from './evidence.ts'

/** Writes down what people do, and what they were told of it. */
export type Notes = {
  readonly deeds: Deed[]
  says(person: Person, chat: ChatView, text: string, meaning: Meaning): Promise<{ deed: Deed; message: ShownMessage }>
  /** Taps a button of which only the data counts, be it still there or not. Resolves when it was answered. */
  taps(person: Person, message: ShownMessage, data: string): { deed: Deed; answered: Promise<Answer> }
  /** Looks at what messages were answered with by now. */
  readAnswers(chats: readonly ChatView[]): void
}

export function createNotes(tg: Emulator): Notes {
  const deeds: Deed[] = []
  const spoken = new Map<Deed, ShownMessage>()
  const note = (deed: Omit<Deed, 'at' | 'answer'>): Deed => {
    const noted: Deed = { ...deed, at: Date.now(), answer: { kind: 'nothing' } }
    deeds.push(noted)
    return noted
  }
  /** The update is made in the very moment of the deed. */
  const updateOf = (before: number): number | undefined => tg.updates[before]?.update_id
  return {
    deeds,
    async says(person, chat, text, meaning) {
      const before = tg.updates.length
      const saying = person.says(chat, text)
      const updateId = updateOf(before)
      const message = await saying
      const who = { chatId: chat.id, person: person.id, name: person.name }
      const deed = note({ ...who, words: text, meaning, by: 'message', messageId: message.id, updateId })
      spoken.set(deed, message)
      return { deed, message }
    },
    taps(person, message, data) {
      const before = tg.updates.length
      const answer = person.tapsData(message, data)
      const who = { chatId: message.chatId, person: person.id, name: person.name }
      const meaning = meaningOf(data)
      const deed = note({ ...who, words: data, meaning, by: 'tap', messageId: undefined, updateId: updateOf(before) })
      const answered = answer.then((given) => {
        deed.answer = answerToTap(given)
        return deed.answer
      })
      return { deed, answered }
    },
    readAnswers(chats) {
      const replies = repliesIn(chats)
      for (const [deed, message] of spoken)
        deed.answer = answerToMessage(message, replies.get(`${deed.chatId}/${message.id}`) ?? [])
    },
  }
}

function repliesIn(chats: readonly ChatView[]): Map<string, string[]> {
  const replies = new Map<string, string[]>()
  for (const chat of chats)
    for (const message of chat.fromBot()) {
      if (message.replyTo === undefined) continue
      const key = `${chat.id}/${message.replyTo}`
      replies.set(key, [...(replies.get(key) ?? []), message.text])
    }
  return replies
}

/** What the buttons of the cards carry. */
function meaningOf(data: string): Meaning {
  const vote = /^1\.(yes|no)\.[\w-]{12}\.([\w-]{12})(?:\.([0-9a-z]+))?$/.exec(data)
  if (vote) {
    const amount = vote[1] === 'yes' ? Number.parseInt(vote[3] ?? '0', 36) / 1e9 : 0
    return { kind: 'vote', vote: vote[1] as 'yes' | 'no', amount, proposalId: vote[2] }
  }
  const seat = /^1\.(join|skip)\.([\w-]{12})$/.exec(data)
  return seat ? { kind: 'seat', button: seat[1] as 'join' | 'skip', sessionId: seat[2]! } : { kind: 'other' }
}

function answerToTap({ text, unanswered }: TapAnswer): Answer {
  if (unanswered || text === undefined) return { kind: 'nothing' }
  const counted = /^(?:Counted|Changed): (yes|no)(?: with ([\d.]+) SOL)?$/.exec(text)
  if (counted) return { kind: 'counted', vote: counted[1] as 'yes' | 'no', amount: Number(counted[2] ?? 0) }
  if (/^You are (already )?in\.$/.test(text)) return { kind: 'seated', is: 'in' }
  if (/^(You left the session\.|Not this time\.)/.test(text)) return { kind: 'seated', is: 'out' }
  return withWords(text)
}

function answerToMessage(message: ShownMessage, replies: readonly string[]): Answer {
  const [mark] = message.reactions()
  if (mark === '👍' || mark === '👎') return { kind: 'counted', vote: mark === '👍' ? 'yes' : 'no', amount: undefined }
  if (mark === '👌') return { kind: 'done' }
  const [words] = replies
  return words === undefined ? { kind: 'nothing' } : withWords(words)
}

/** Things that are told to whoever asks, and are no refusals. */
const TELLS = /^(🗳|📜|💼|🧾|How this works|No session is open here|Nothing has been|This group holds nothing)/

const withWords = (words: string): Answer => {
  if (/^Sorry, something went wrong/.test(words)) return { kind: 'apology', words }
  return { kind: TELLS.test(words) ? 'told' : 'refused', words }
}

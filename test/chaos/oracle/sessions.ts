import type { Session } from '../../../src/domain/session.ts'
import type { Complaint, Deed, Evidence } from '../evidence.ts'

/** Each session was opened by somebody, one at a time in a chat, and has in it who was told so. */
export function checkSessions(evidence: Evidence): Complaint[] {
  const { sessions } = evidence.records
  return [
    ...sessions.flatMap((session) => aboutSession(evidence, session)),
    ...aboutChats(evidence),
    ...evidence.deeds.flatMap((deed) => aboutDeed(evidence, deed)),
  ]
}

/** Delivered again, a command may succeed for which Telegram had not told in time whether it is an admin's. */
const ASKED_AGAIN = /^Telegram did not tell me in time/

function aboutSession({ deeds, messages }: Evidence, session: Session): Complaint[] {
  const wrong = (words: string): Complaint => ({
    words: `session “${session.message}”: ${words}`,
    chatId: session.chatId,
  })
  const found: string[] = []
  const deed = deeds.find(({ updateId }) => updateId === session.update)
  if (deed?.meaning.kind !== 'create' || deed.meaning.title !== session.message) found.push('nobody opened it')
  else if (deed.answer.kind === 'refused' && !ASKED_AGAIN.test(deed.answer.words))
    found.push(`${deed.name} was told “${deed.answer.words}”`)
  const shown = (id: number | null) => messages.find((one) => one.chatId === session.chatId && one.id === id)
  if (!shown(session.msgId)?.text.includes(session.message)) found.push('its card is not there')
  if (!session.open && !shown(session.notice)?.text.includes(`“${session.message}”`)) found.push('its end was not told')
  for (const one of session.participants) {
    const joined = deeds.find(({ updateId }) => updateId === one.update)
    const isTheirs = joined?.meaning.kind === 'seat' && joined.meaning.button === 'join' && joined.person === one.id
    if (!isTheirs) found.push(`${one.name} is in it by update ${one.update}, which was not their joining`)
  }
  return found.map(wrong)
}

function aboutChats({ records: { sessions, index } }: Evidence): Complaint[] {
  const complaints: Complaint[] = []
  for (const chatId of new Set(sessions.map((session) => session.chatId))) {
    const here = sessions.filter((session) => session.chatId === chatId).sort((a, b) => a.update - b.update)
    if (here.filter(({ open }) => open).length > 1) complaints.push({ words: 'several sessions are open', chatId })
    if (index[chatId] !== here.at(-1)!.id)
      complaints.push({ words: `the index is ${index[chatId]}, and the newest session ${here.at(-1)!.id}`, chatId })
  }
  return complaints
}

function aboutDeed({ records: { sessions }, deeds }: Evidence, deed: Deed): Complaint[] {
  const { meaning, answer, chatId, updateId = 0 } = deed
  const wrong = (words: string): Complaint[] => [
    { words: `${deed.name} was told so of “${deed.words}”, and ${words}`, chatId },
  ]
  if (meaning.kind === 'create' && answer.kind === 'done')
    return sessions.some(({ update }) => update === updateId) ? [] : wrong('there is no such session')
  if (meaning.kind === 'close' && answer.kind === 'done') {
    const open = sessions.find((one) => one.chatId === chatId && one.open && one.update < updateId)
    return open ? wrong(`“${open.message}” is open`) : []
  }
  if (meaning.kind !== 'seat' || answer.kind !== 'seated') return []
  const session = sessions.find(({ id }) => id === meaning.sessionId)
  if (!session) return wrong('there is no such session')
  // Whatever they did afterwards may have changed it, whether they were told or not.
  const isLast = !deeds.some((one) => isSeatOf(one, deed) && (one.updateId ?? 0) > updateId)
  const isIn = session.participants.some(({ id }) => id === deed.person)
  if (!isLast || isIn === (answer.is === 'in')) return []
  return wrong(isIn ? 'they are in it' : 'they are not in it')
}

const isSeatOf = (one: Deed, { person, meaning }: Deed): boolean =>
  one.person === person &&
  one.meaning.kind === 'seat' &&
  meaning.kind === 'seat' &&
  one.meaning.sessionId === meaning.sessionId

import { SECOND } from '../../../src/lib/clock.ts'
import type { Complaint, Deed, Evidence } from '../evidence.ts'

/** Whoever asks is answered, unless the one who was to answer died. */
export function checkAnswers(evidence: Evidence): Complaint[] {
  return evidence.deeds.flatMap((deed) => {
    const problem = aboutAnswer(evidence, deed)
    return problem === undefined ? [] : [{ words: `${deed.name}, “${deed.words}”: ${problem}`, chatId: deed.chatId }]
  })
}

/** Within that, an answer has waited out every flood wait. */
const OUTBOX_MS = 45 * SECOND
const TAP_MS = 145 * SECOND

function aboutAnswer(evidence: Evidence, deed: Deed): string | undefined {
  if (deed.answer.kind === 'apology') return `they were told “${deed.answer.words}”`
  if (deed.answer.kind !== 'nothing' || !wantsAnswer(evidence, deed)) return undefined
  const { updateId = 0 } = deed
  const taking = takingOf(evidence, updateId)
  // Telegram gives up a tap after a while, and then takes no answer to it.
  if (deed.by === 'tap' && (!taking || taking.at > deed.at + TAP_MS)) return undefined
  if (!taking) return 'it was never taken'
  // With the acknowledgement of a tap goes its answer.
  if (evidence.setting.intake === 'webhook' && deed.by === 'tap') return 'it was taken, and not answered'
  const mayHaveDied = evidence.lives.some(({ place, endedAt }) => {
    const wasIts = taking.place === undefined || taking.place === place
    return wasIts && endedAt !== undefined && endedAt >= deed.at && endedAt <= taking.at + OUTBOX_MS
  })
  return mayHaveDied ? undefined : 'it was taken, and not answered by a bot that lived on'
}

/** What opens something is answered by its card. */
function wantsAnswer({ records: { sessions } }: Evidence, { meaning, updateId }: Deed): boolean {
  if (updateId === undefined) return false
  if (meaning.kind === 'vote' || meaning.kind === 'seat') return true
  return (
    meaning.kind === 'propose' && !sessions.some(({ proposals }) => proposals.some(({ update }) => update === updateId))
  )
}

/** When polling, nobody outside knows which of the bots it was. */
function takingOf({ setting, takings, confirmations }: Evidence, updateId: number) {
  if (setting.intake === 'webhook') return takings.find((one) => one.updateId === updateId)
  const confirmed = confirmations.find(({ offset }) => offset > updateId)
  return confirmed && { place: undefined, at: confirmed.at }
}

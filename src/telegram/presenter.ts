import type { Deps } from '../actions/deps.ts'
import { findLost, settleLost } from '../actions/lost-session.ts'
import { migrateGroup } from '../actions/migrate-group.ts'
import { archiveOpening, noteCard, noteNotice } from '../actions/record.ts'
import { PAINT_PAUSE_MS } from '../actions/repaint.ts'
import { isCurrent, ringAgenda, type StoredSession } from '../actions/session-update.ts'
import { proposalOf, type Session } from '../domain/session.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import type { Pictures } from '../pictures/pictures.ts'
import { FloodWait, Refused } from './bot-api.ts'
import type { Card, Look } from './cards/parts.ts'
import { proposalCard } from './cards/proposal-card.ts'
import { farewellNotice, resultNotice } from './cards/result-card.ts'
import { sessionCard } from './cards/session-card.ts'
import { deliver, GONE } from './deliver.ts'
import { editParams, sendParams } from './message-params.ts'
import type { Outbox } from './outbox.ts'
import { createResultPhotos, type ResultPhoto, type ResultPhotos } from './result-photo.ts'
import { textsFor } from './texts.ts'

/** Which of a session's cards, by its own id or a proposal's. `session` is the alarm's. */
type Ref = { id: string; session: string }
/** Answers when to be rung again, if at all. */
export type PresenterJob = (ref: Ref) => Promise<number | undefined>

export type Presenter = Record<'card' | 'paint' | 'announce' | 'farewell' | 'lost', PresenterJob>

type PresenterDeps = {
  deps: Deps
  cardLog: CardPauses
  outbox: Outbox
  pictures: Pick<Pictures, 'vote'>
  currency: string
}

/** The shared memory of card edits; see `CardLog` of the records. */
export type CardPauses = {
  claim(cardId: string, now: number, pauseMs: number): Promise<number | undefined>
  shown(cardId: string, version: number): Promise<number>
}

const ABANDONED_AFTER_MS = 10 * MINUTE
const LOOK_AGAIN_MS = 5 * SECOND
const UNTOLD_PAUSE_MS = MINUTE

/** The jobs that show a group what its session's document says. Each re-reads the document and is safe to run twice. */
export function createPresenter(parts: PresenterDeps): Presenter {
  const { deps } = parts
  const photos = createResultPhotos({ ...parts, log: deps.log })
  const patient =
    (job: PresenterJob, afterFloodMs = 0): PresenterJob =>
    async (ref) => {
      try {
        return await job(ref)
      } catch (error) {
        if (error instanceof FloodWait) return deps.clock.now() + error.retryAfterMs + afterFloodMs
        if (error instanceof Refused && error.migratedTo !== undefined)
          return followMigration(deps, ref, error.migratedTo)
        throw error
      }
    }
  return {
    card: patient((ref) => postCard(parts, ref)),
    // When a flood is over, results and new cards go first: what they need of Telegram's patience is theirs.
    paint: patient((ref) => paint(parts, ref), PAINT_PAUSE_MS),
    announce: patient((ref) => announce(parts, photos, ref)),
    farewell: patient((ref) => farewell(parts, ref)),
    lost: patient((ref) => tellLost(parts, ref)),
  }
}

async function followMigration(deps: Deps, ref: Ref, toChatId: number): Promise<number | undefined> {
  const stored = await deps.store.read(ref.session)
  if (stored) await migrateGroup(deps, stored.session.chatId, toChatId)
  return deps.clock.now()
}

const lookOf = ({ deps, currency }: PresenterDeps, session: Session): Look => ({
  texts: textsFor(session.language),
  currency,
  stake: deps.stake,
  now: deps.clock.now(),
})

/** The card of the session or of one of its proposals, drawn from the document. */
function draw(
  parts: PresenterDeps,
  session: Session,
  id: string,
): { card: Card; msgId: number | null; open: boolean } | undefined {
  const look = lookOf(parts, session)
  if (id === session.id) return { card: sessionCard(session, look), msgId: session.msgId, open: session.open }
  const proposal = proposalOf(session, id)
  if (!proposal) return undefined
  return { card: proposalCard(session, proposal, look), msgId: proposal.msgId, open: proposal.open }
}

async function postCard(parts: PresenterDeps, ref: Ref): Promise<number | undefined> {
  const { deps, outbox, cardLog } = parts
  const stored = await deps.store.read(ref.session)
  if (!stored) return undefined
  const { session, version } = stored
  const drawn = draw(parts, session, ref.id)
  if (!drawn?.open || drawn.msgId !== null) return undefined
  if (!(await isCurrent(deps, session.chatId, session.id))) {
    // Its command is at work still, or will be delivered again. What nobody ever claimed the chat for has been seen by
    // nobody: its command lost the chat to another.
    const isAbandoned = deps.clock.now() - session.createdAt > ABANDONED_AFTER_MS
    if (!isAbandoned) return deps.clock.now() + LOOK_AGAIN_MS
    if (session.participants.length === 0) await deps.store.delete(session.id)
    return undefined
  }
  if (ref.id === session.id) await archiveOpening(deps, session)
  await claim(parts, ref.id, 0)
  await cardLog.shown(ref.id, version)
  const sent = await deliver(parts.deps.log, () =>
    outbox.send<{ message_id: number }>(session.chatId, 'sendMessage', sendParams(session.chatId, drawn.card)),
  )
  if (!sent) {
    await noteCard(deps, session.id, ref.id, 0, null)
    return undefined
  }
  // At once: a crash before this posts the card a second time.
  await noteCard(deps, session.id, ref.id, sent.message_id, null)
  const after = deps.store.known(ref.session) ?? (await deps.store.read(ref.session))
  if (after && after.version > version + 1) await deps.repaint(session.id, ref.id)
  return undefined
}

async function paint(parts: PresenterDeps, ref: Ref): Promise<number | undefined> {
  const { deps } = parts
  const stored = await deps.store.look(ref.session)
  if (!stored) return undefined
  const now = deps.clock.now()
  const proposal = proposalOf(stored.session, ref.id)
  // A closed one is drawn as well: an older edit may have come late, after the result.
  if (!(proposal ?? stored.session).msgId) return undefined
  // What the records do not hold yet may not stand.
  if (proposal && !proposal.open && !proposal.archived) return undefined
  // The result is about to be drawn, and a card is not edited twice within the pause.
  if (proposal?.open && proposal.endTime - now < PAINT_PAUSE_MS) return undefined
  // What is decided is first drawn together with its notice, which would have to wait for the pause otherwise. That can
  // take as long as Telegram is away.
  if (proposal && !proposal.open && proposal.notice === null) return now + UNTOLD_PAUSE_MS
  const notBefore = await claim(parts, ref.id)
  if (notBefore !== undefined) return notBefore
  return edit(parts, stored.session, ref.id, stored.version)
}

/** Takes the turn to edit the card; answers when it may be tried again where it was edited within the pause. */
async function claim(
  { deps, cardLog }: PresenterDeps,
  cardId: string,
  pauseMs = PAINT_PAUSE_MS,
): Promise<number | undefined> {
  const now = deps.clock.now()
  const notBefore = await cardLog.claim(cardId, now, pauseMs)
  deps.notePaint(cardId, notBefore ?? now)
  return notBefore
}

/** Edits the card to what the document says; when a newer state was shown meanwhile, asks to be rung again. */
async function edit(
  parts: PresenterDeps,
  session: Session,
  cardId: string,
  version: number,
): Promise<number | undefined> {
  const { deps, outbox, cardLog } = parts
  const drawn = draw(parts, session, cardId)
  if (!drawn?.msgId) return undefined
  const params = editParams(session.chatId, drawn.msgId, drawn.card)
  try {
    await outbox.send(session.chatId, 'editMessageText', params)
  } catch (error) {
    if (!(error instanceof Refused) || error.migratedTo !== undefined) throw error
    if (!GONE.test(error.description)) deps.log.warn({ err: error, card: cardId }, 'a card can no longer be edited')
    else if (drawn.open && (await noteCard(deps, session.id, cardId, null, drawn.msgId)))
      return repost(deps, session, cardId)
    return undefined
  }
  const shown = await cardLog.shown(cardId, version)
  if (shown <= version) return undefined
  // Somebody painted a newer state meanwhile, unless a failover took that state back.
  const now = await deps.store.read(session.id)
  return now && now.version >= shown ? deps.clock.now() + PAINT_PAUSE_MS : undefined
}

/** Somebody deleted the card: it is posted anew. */
async function repost(deps: Deps, session: Session, id: string): Promise<undefined> {
  await deps.registry.expect(session.id, session.groupId, deps.clock.now())
  await deps.alarms.ring({ kind: 'card', id, session: session.id, at: deps.clock.now() })
}

async function announce(parts: PresenterDeps, photos: ResultPhotos, ref: Ref): Promise<number | undefined> {
  const again = await tellDecision(parts, photos, ref)
  if (again !== undefined) return again
  // It may have been the last that the farewell waited for.
  const { deps } = parts
  const after = deps.store.known(ref.session) ?? (await deps.store.read(ref.session))
  if (after) await ringAgenda(deps, after.session, ['farewell'])
  return undefined
}

async function tellDecision(parts: PresenterDeps, photos: ResultPhotos, ref: Ref): Promise<number | undefined> {
  const stored = await parts.deps.store.read(ref.session)
  if (!stored) return undefined
  const { session } = stored
  const proposal = proposalOf(session, ref.id)
  if (!proposal?.result || !proposal.archived || proposal.notice !== null) return undefined
  const look = lookOf(parts, session)
  const text = proposal.msgId ? resultNotice(session, proposal, look) : proposalCard(session, proposal, look).text
  return tell(parts, stored, { id: ref.id, msgId: proposal.msgId }, text, () => photos(session, proposal, look))
}

async function farewell(parts: PresenterDeps, ref: Ref): Promise<number | undefined> {
  const { deps } = parts
  const stored = await deps.store.read(ref.session)
  if (!stored || stored.session.open || !stored.session.archived || stored.session.notice !== null) return undefined
  const { session } = stored
  // The decisions are told first, and the last of them rings again.
  if (session.proposals.some((one) => one.notice === null)) return undefined
  return tell(parts, stored, session, farewellNotice(session, lookOf(parts, session)))
}

/** The last edit of a card, then the one notice that answers it, then the mark that both are done. */
async function tell(
  parts: PresenterDeps,
  { session, version }: StoredSession,
  card: { id: string; msgId: number | null },
  text: string,
  begin?: () => ResultPhoto,
): Promise<number | undefined> {
  const { deps, outbox } = parts
  const notBefore = card.msgId ? await claim(parts, card.id) : undefined
  if (notBefore !== undefined) return notBefore
  const photo = begin?.()
  if (card.msgId) await edit(parts, session, card.id, version)
  const params = sendParams(session.chatId, { text, keyboard: [] }, card.msgId)
  const words = () =>
    deliver(deps.log, () => outbox.send<{ message_id: number }>(session.chatId, 'sendMessage', params))
  const sent = (await photo?.send(session.chatId, text, card.msgId)) ?? (await words())
  await noteNotice(deps, session.id, card.id, sent?.message_id ?? 0)
  return undefined
}

async function tellLost(parts: PresenterDeps, ref: Ref): Promise<number | undefined> {
  const lost = await findLost(parts.deps, ref.session)
  if (!lost) return undefined
  // Another instance may be telling it at this moment.
  const notBefore = await claim(parts, ref.session)
  if (notBefore !== undefined) return notBefore
  const text = textsFor(lost.language).html('lost-session', { message: lost.message })
  await deliver(parts.deps.log, () =>
    parts.outbox.send(lost.chatId, 'sendMessage', sendParams(lost.chatId, { text, keyboard: [] })),
  )
  await settleLost(parts.deps, ref.session)
  return undefined
}

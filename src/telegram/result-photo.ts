import { LRUCache } from 'lru-cache'
import type { Proposal, Session } from '../domain/session.ts'
import { SECOND, within } from '../lib/clock.ts'
import { boundHere } from '../lib/correlation.ts'
import { Unavailable } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import type { Pictures } from '../pictures/pictures.ts'
import type { Look } from './cards/parts.ts'
import { votePicture } from './cards/vote-picture.ts'
import { deliver } from './deliver.ts'
import type { Outbox } from './outbox.ts'
import { fitsCaption, photoParams } from './uploads.ts'

/** An announcement waits for its picture no longer than this. */
const PATIENCE_MS = 2 * SECOND

/** A notice of a decision on its way: drawn while the card is edited, then sent. */
export type ResultPhoto = {
  /** Sends the notice as the caption of its picture; undefined where words alone must do, and nothing was sent. */
  send(chatId: number, text: string, replyTo: number | null): Promise<{ message_id: number } | undefined>
}

export type ResultPhotos = (session: Session, proposal: Proposal, look: Look) => ResultPhoto

/** The pictures of decisions. They are an addition, and never endanger what they illustrate. */
export function createResultPhotos({
  pictures,
  outbox,
  log,
}: {
  pictures: Pick<Pictures, 'vote'>
  outbox: Pick<Outbox, 'send'>
  log: Log
}): ResultPhotos {
  /** Whose photo was sent to an unknown outcome, by proposal: what is tried again is tried in words. */
  const doubtful = new LRUCache<string, true>({ max: 1000 })

  const draw = async (session: Session, proposal: Proposal, look: Look): Promise<Buffer | undefined> => {
    try {
      const facts = doubtful.has(proposal.id) ? undefined : votePicture(session, proposal, look)
      return facts && (await inTime(pictures.vote(facts)))
    } catch (error) {
      log.warn({ err: error, proposal: proposal.id }, 'the picture of a decision could not be drawn')
      return undefined
    }
  }

  return (session, proposal, look) => {
    // An announcement may not wait for it to the end.
    const drawn = boundHere(() => draw(session, proposal, look))()
    return {
      async send(chatId, text, replyTo) {
        const source = fitsCaption(text) ? await drawn : undefined
        if (!source) return undefined
        const params = photoParams(chatId, { source, filename: 'vote.png' }, text, replyTo)
        try {
          return await deliver(log, () => outbox.send<{ message_id: number }>(chatId, 'sendPhoto', params))
        } catch (error) {
          if (error instanceof Unavailable) doubtful.set(proposal.id, true)
          throw error
        }
      },
    }
  }
}

/** Of real time, whatever a clock says. */
const inTime = (drawing: Promise<Buffer | undefined>): Promise<Buffer | undefined> =>
  within(PATIENCE_MS, undefined, (late) => {
    const tooLate = new Promise<undefined>((resolve) => late.addEventListener('abort', () => resolve(undefined)))
    return Promise.race([drawing, tooLate])
  })

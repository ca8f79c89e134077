import type { Deps } from './actions/deps.ts'
import { joinPeers, type Peers } from './fleet/peers.ts'
import { isOverWithin, SECOND, withJitter } from './lib/clock.ts'
import { newId } from './lib/ids.ts'
import type { Bus } from './storage/bus.ts'
import { FORMAT } from './storage/document.ts'
import { refusalOf } from './storage/redis-errors.ts'
import type { Stores } from './stores.ts'
import type { HandOn } from './telegram/hand-on.ts'

/** How the chats are shared out among the instances behind one webhook, where they can speak to each other. */
export type Sharing = {
  /** Joins the others, now or as soon as that can be done. Nothing waits for it, and nothing but speed rests on it. */
  begin(handlers: SharingHandlers): void
  /** Nothing is handed on any more, and the others learn that nothing is to be handed here. */
  leave(): Promise<void>
  /** Once whatever was handed here is answered; one that is just being joined is waited for a moment only. */
  close(): Promise<void>
}

export type SharingHandlers = {
  /** From now on others can be asked. */
  begin: HandOn['begin']
  answer: (question: unknown) => Promise<unknown>
}

type SharingDeps = Pick<Deps, 'botId' | 'clock' | 'log'>

type Joined = { bus: Bus; peers: Peers }

const TRY_AGAIN_MS = 5 * SECOND
/** For one that is just being joined: a stop has other things to do. */
const JOINING_MS = SECOND / 2

export function createSharing({ openBus }: Pick<Stores, 'openBus'>, deps: SharingDeps): Sharing {
  const { clock, log } = deps
  const leaving = new AbortController()
  let joined: Joined | undefined
  let joining: Promise<void> | undefined

  const joinAtLast = async (open: () => Promise<Bus>, { begin, answer }: SharingHandlers): Promise<void> => {
    for (let tries = 0; !leaving.signal.aborted; tries++) {
      try {
        joined = await join(open, deps, answer)
        if (!leaving.signal.aborted) return begin(joined.peers.ask)
        await joined.peers.leave()
        return await end(joined)
      } catch (error) {
        if (refusalOf(error) === 'NOPERM')
          return log.info('Redis does not let this user speak to other instances: each handles what it is sent')
        if (tries === 0) log.info({ err: error }, 'other instances cannot be spoken to yet')
        await clock.sleep(withJitter(TRY_AGAIN_MS), leaving.signal)
      }
    }
  }
  return {
    begin(handlers) {
      if (openBus) joining = joinAtLast(openBus, handlers)
    },
    async leave() {
      leaving.abort()
      await joined?.peers.leave()
    },
    async close() {
      if (joining) await isOverWithin(JOINING_MS, joining)
      if (joined) await end(joined)
    },
  }
}

async function end({ bus, peers }: Joined): Promise<void> {
  await peers.idle()
  bus.close()
}

/** A build that keeps documents in another form would refuse what is handed to it. */
async function join(open: () => Promise<Bus>, deps: SharingDeps, answer: SharingHandlers['answer']): Promise<Joined> {
  const { botId, clock, log } = deps
  const bus = await open()
  try {
    const name = `tradevote:${botId}:${FORMAT}`
    const onOthers = (others: number) => log.info({ others }, 'other instances to share the chats with')
    const peers = await joinPeers({ bus, name, own: newId(), clock, answer, onOthers })
    return { bus, peers }
  } catch (error) {
    bus.close()
    throw error
  }
}

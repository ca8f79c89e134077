import type { Deps } from './actions/deps.ts'
import { joinPeers, type Peers } from './fleet/peers.ts'
import type { Closers } from './lib/closers.ts'
import { newId } from './lib/ids.ts'
import type { Bus } from './storage/bus.ts'
import type { Stores } from './stores.ts'
import type { HandOn } from './telegram/hand-on.ts'

type Parts = { stores: Stores; deps: Deps; handOn: HandOn; closers: Closers }

/**
 * Shares out the chats among the instances behind one webhook, where they can speak to each other. Only speed rests on it: where
 * Redis does not let them, or is none, each handles what it is sent.
 */
export async function shareChats({ stores: { openBus }, deps, handOn, closers }: Parts): Promise<void> {
  if (!openBus) return
  try {
    const bus = await openBus()
    const { ask, leave } = await joinedOrClosed(bus, deps, handOn)
    handOn.begin(ask)
    closers.push('other instances', () => leave().finally(bus.close))
  } catch (error) {
    deps.log.info({ err: error }, 'Redis lets instances not speak to each other: each handles what it is sent')
  }
}

async function joinedOrClosed(bus: Bus, { botId, clock, telemetry }: Deps, { answer }: HandOn): Promise<Peers> {
  const own = newId()
  try {
    return await joinPeers({ bus, name: `tradevote:${botId}`, own, clock, answer, onAsked: telemetry.handedOn })
  } catch (error) {
    bus.close()
    throw error
  }
}

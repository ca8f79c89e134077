import { SECOND } from '../../src/lib/clock.ts'
import { type PlannedFault, planFaults } from './plan-faults.ts'
import { type GroupPlan, planGroup } from './plan-groups.ts'
import { createRandom, type Random } from './random.ts'

/** Where live sessions are: in Redis with the rest in Postgres, all in Postgres, or all in the embedded database. */
export type Store = 'redis' | 'postgres' | 'embedded'

export type Setting = {
  seed: number
  store: Store
  intake: 'webhook' | 'polling'
  bots: number
  executor: 'paper' | 'webhook'
  /** For how long things are broken; people begin nothing new afterwards. */
  stormMs: number
}

/** All that is going to be done and broken: the same for the same wish. When it really happens is the machine's. */
export type Plan = { setting: Setting; groups: GroupPlan[]; faults: PlannedFault[] }

export type Wish = {
  seed: number
  store: Store
  intake?: Setting['intake'] | undefined
  groups?: number | undefined
  stormMs?: number | undefined
}

const STORM_MS = 50 * SECOND
const GROUPS = 24

export function makePlan(wish: Wish): Plan {
  const random = createRandom(`${wish.store}/${wish.seed}`)
  const setting = settingOf(wish, random.fork('setting'))
  const count = wish.groups ?? GROUPS
  const groups = Array.from({ length: count }, (_, place) => planGroup(place, setting, random.fork(`group ${place}`)))
  return { setting, groups, faults: planFaults(setting, count, random.fork('faults')) }
}

function settingOf({ seed, store, intake, stormMs }: Wish, random: Random): Setting {
  const drawn = random.chance(0.7) ? 'webhook' : 'polling'
  const many = random.between(2, 3)
  const polling = random.between(1, 3)
  const executor = random.chance(0.7) ? 'paper' : 'webhook'
  const chosen = intake ?? drawn
  const bots = store === 'embedded' ? 1 : chosen === 'polling' ? polling : many
  return { seed, store, intake: chosen, bots, executor, stormMs: stormMs ?? STORM_MS }
}

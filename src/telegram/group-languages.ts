import { LRUCache } from 'lru-cache'
import type { Deps } from '../actions/deps.ts'
import type { Language } from '../domain/session.ts'
import { asIs, type Within } from '../lib/correlation.ts'

/** The groups' languages, remembered for a short while, so that answering a tap asks no database. */
export type GroupLanguages = {
  /** What it asks the database for is asked `inside`. */
  of(chatId: number, inside?: Within): Promise<Language | undefined>
  forget(chatId: number): void
}

const MEMORY_MS = 30_000

export function createGroupLanguages(deps: Pick<Deps, 'groups' | 'clock' | 'log' | 'telemetry'>): GroupLanguages {
  const { groups, clock, log, telemetry } = deps
  const known = new LRUCache<number, { language: Language | undefined; until: number }>({ max: 10_000 })
  const ask = async (chatId: number, before: Language | undefined): Promise<Language | undefined> => {
    try {
      const language = (await groups.find(chatId))?.language ?? undefined
      known.set(chatId, { language, until: clock.now() + MEMORY_MS })
      return language
    } catch (error) {
      // A vote is not refused because its answer's language is not at hand.
      log.warn({ err: error }, 'the language of a group is not at hand')
      return before
    }
  }
  return {
    of(chatId, inside = asIs) {
      const cached = known.get(chatId)
      const isFresh = cached !== undefined && cached.until > clock.now()
      telemetry.cache('languages', isFresh)
      return isFresh ? Promise.resolve(cached.language) : inside(() => ask(chatId, cached?.language))
    },
    forget: (chatId) => void known.delete(chatId),
  }
}

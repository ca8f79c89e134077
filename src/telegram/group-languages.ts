import { LRUCache } from 'lru-cache'
import type { Deps } from '../actions/deps.ts'
import type { Language } from '../domain/session.ts'

/** The groups' languages, remembered for a short while, so that answering a tap asks no database. */
export type GroupLanguages = {
  of(chatId: number): Promise<Language | undefined>
  forget(chatId: number): void
}

const MEMORY_MS = 30_000

export function createGroupLanguages(deps: Pick<Deps, 'groups' | 'clock' | 'log' | 'telemetry'>): GroupLanguages {
  const { groups, clock, log, telemetry } = deps
  const known = new LRUCache<number, { language: Language | undefined; until: number }>({ max: 10_000 })
  return {
    async of(chatId) {
      const cached = known.get(chatId)
      const isFresh = cached !== undefined && cached.until > clock.now()
      telemetry.cache('languages', isFresh)
      if (isFresh) return cached.language
      try {
        const language = (await groups.find(chatId))?.language ?? undefined
        known.set(chatId, { language, until: clock.now() + MEMORY_MS })
        return language
      } catch (error) {
        // A vote is not refused because its answer's language is not at hand.
        log.warn({ err: error }, 'the language of a group is not at hand')
        return cached?.language
      }
    },
    forget: (chatId) => void known.delete(chatId),
  }
}

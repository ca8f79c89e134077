import type { Clock } from '../../src/lib/clock.ts'
import type { Backend, NewDocument } from '../../src/storage/backend.ts'

export type MemoryBackend = Backend & {
  documents: Map<string, string>
  ttlOf(id: string): number
  indexTtlOf(chatId: number): number
}

type Entry = { value: string; expiresAt: number }

/**
 * Live sessions in memory, for tests whose subject is another. Each answer comes after `pause`, which a test can use to
 * order what happens.
 */
export function createMemoryBackend(clock: Clock, pause: () => Promise<void> = async () => undefined): MemoryBackend {
  const documents = new Map<string, string>()
  const expiries = new Map<string, number>()
  const index = new Map<number, Entry>()
  const text = (id: string) => ((expiries.get(id) ?? Infinity) > clock.now() ? documents.get(id) : undefined)
  const held = (chatId: number) => {
    const entry = index.get(chatId)
    return entry && entry.expiresAt > clock.now() ? entry : undefined
  }
  const put = (id: string, next: NewDocument) => {
    documents.set(id, next.text())
    expiries.set(id, clock.now() + next.ttlMs)
    return true
  }
  /** The command travels, is carried out at once, and its answer travels back. */
  const served = async <T>(work: () => T): Promise<T> => {
    await pause()
    const answer = work()
    await pause()
    return answer
  }
  return {
    documents,
    ttlOf: (id) => (expiries.get(id) ?? 0) - clock.now(),
    indexTtlOf: (chatId) => (index.get(chatId)?.expiresAt ?? 0) - clock.now(),
    get: (id) => served(() => text(id)),
    getMany: (ids) =>
      served(() => new Map(ids.map((id) => [id, text(id)]).filter((one): one is [string, string] => !!one[1]))),
    compareAndSet: (id, expected, next) =>
      served(() => ({ isDone: text(id)?.startsWith(expected.prefix) === true && put(id, next) })),
    create: (id, next) => served(() => (text(id) === undefined ? put(id, next) : false)),
    delete: (id) => served(() => void documents.delete(id)),
    getIndex: (chatId) => served(() => held(chatId)?.value),
    compareAndSetIndex: (chatId, expected, next, ttlMs) =>
      served(() => {
        const now = held(chatId)
        if (now?.value !== next && now?.value !== expected) return false
        const least = now?.value === next ? now.expiresAt : 0
        index.set(chatId, { value: next, expiresAt: Math.max(least, clock.now() + ttlMs) })
        return true
      }),
    extendIndex: (chatId, id, ttlMs) =>
      served(() => {
        const entry = held(chatId)
        if (entry?.value === id) entry.expiresAt = Math.max(entry.expiresAt, clock.now() + ttlMs)
      }),
    ping: () => served(() => undefined),
    close: async () => undefined,
  }
}

import { sessionStoreContract } from '../contracts/session-store.ts'
import { createTestClock } from '../support/clock.ts'
import { createMemoryBackend } from '../support/memory-backend.ts'

sessionStoreContract(async () => {
  const clock = createTestClock()
  const backend = createMemoryBackend(clock, () => new Promise(setImmediate))
  return {
    clock,
    connect: async () => backend,
    put: async (id, text) => void backend.documents.set(id, text),
    textOf: async (id) => backend.documents.get(id),
    ttlOf: async (id) => backend.ttlOf(id),
    indexTtlOf: async (chatId) => backend.indexTtlOf(chatId),
    expiresByClock: true,
    close: async () => undefined,
  }
})

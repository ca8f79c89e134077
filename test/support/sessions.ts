import type { Session } from '../../src/domain/session.ts'
import { HOUR } from '../../src/lib/clock.ts'
import { newId } from '../../src/lib/ids.ts'

let chats = 0

/** An open session of a chat of its own. */
export const aSession = (overrides: Partial<Session> = {}): Session => ({
  id: newId(),
  message: 'Buy BONK token',
  chatId: -1_001_000_000_000 - process.pid * 10_000 - ++chats,
  msgId: null,
  open: true,
  createdBy: 123456789,
  createdByUsername: '@user1',
  createdAt: Date.now(),
  votingMinutes: 5,
  participants: [],
  proposals: [],
  groupId: 'group',
  language: 'en',
  rules: {},
  lifetimeMinutes: 1440,
  expiresAt: Date.now() + 24 * HOUR,
  update: 1,
  departures: {},
  closedAt: null,
  closeReason: null,
  closeUpdate: null,
  notice: null,
  archived: false,
  ...overrides,
})

import { Telegraf } from 'telegraf'
import type { Update } from 'telegraf/types'
import { expect, test } from 'vitest'
import type { Edge } from '../../src/telegram/edge.ts'
import { registerExport } from '../../src/telegram/features/export.ts'
import { registerPerformance } from '../../src/telegram/features/performance.ts'
import { createTestClock } from '../support/clock.ts'

/** Groups that ask for what takes long; it is done when the test says so. */
function asking(register: (bot: Telegraf, edge: Edge) => void, command: string) {
  const works: { lane: string; work: () => Promise<void> }[] = []
  const answers: { chat: number; text: string }[] = []
  const edge = {
    deps: {
      clock: createTestClock(),
      log: { error: () => undefined },
      groups: { find: async () => undefined },
    },
    currency: 'SOL',
    languages: { of: async () => 'en' },
    outbox: {
      follow: (lane: string, work: () => Promise<void>) => void works.push({ lane, work }),
      post: (chat: number, _: string, { text }: { text: string }) => void answers.push({ chat, text }),
    },
  } as unknown as Edge
  const bot = new Telegraf('7000000001:AAEmulatedToken')
  bot.botInfo = { id: 7_000_000_001, is_bot: true, first_name: 'b', username: 'b_bot' } as never
  register(bot, edge)
  let id = 0
  const ask = (chat: number) =>
    bot.handleUpdate({
      update_id: ++id,
      message: {
        message_id: id,
        date: 1_767_000_000,
        chat: { id: chat, type: 'supergroup', title: 'T' },
        from: { id: 7, is_bot: false, first_name: 'A' },
        text: command,
        entities: [{ type: 'bot_command', offset: 0, length: command.length }],
      },
    } as Update)
  return { works, answers, ask }
}

test.each([
  ['/export', registerExport, /Many groups are asking/],
  ['/performance', registerPerformance, /One moment/],
] as const)('%s is done for one group after another, and only so many may wait', async (command, register, words) => {
  const { works, answers, ask } = asking(register, command)
  for (let chat = 1; chat <= 21; chat++) await ask(chat)
  expect(works).toHaveLength(20)
  expect(new Set(works.map(({ lane }) => lane)).size).toBe(1)
  expect(answers).toEqual([{ chat: 21, text: expect.stringMatching(words) }])
  // What failed, or brought nothing, makes room as well.
  await works[0]!.work()
  await ask(21)
  expect(works).toHaveLength(21)
})

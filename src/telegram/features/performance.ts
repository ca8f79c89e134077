import type { Telegraf } from 'telegraf'
import type { Message } from 'telegraf/types'
import { readPerformance } from '../../actions/read-performance.ts'
import type { PerformanceWindow } from '../../domain/performance.ts'
import { isRefusal } from '../../domain/refusal.ts'
import { logFailure } from '../../lib/log.ts'
import { argumentsOf, parsePerformance } from '../arguments.ts'
import { performanceCard } from '../cards/performance-card.ts'
import { type Edge, groupMessage, lookOf, say, sayRefusal, textsOf } from '../edge.ts'
import type { Texts } from '../texts.ts'
import { fitsCaption, photoParams } from '../uploads.ts'

/** Of all groups together: they are drawn one after another. */
const MOST_WAITING = 20

/** What the group's trading has brought, as a picture. It takes a while, so one at a time for each group. */
export function registerPerformance(bot: Telegraf, edge: Edge): void {
  const drawing = new Set<number>()
  bot.command('performance', async (ctx) => {
    const said = groupMessage(ctx, '/performance 7d')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const window = parsePerformance(argumentsOf(said.message.text))
    if (isRefusal(window)) return sayRefusal(edge, ctx, window)
    const { id } = said.chat
    const texts = await textsOf(edge, ctx)
    if (drawing.has(id) || drawing.size >= MOST_WAITING) return say(edge, said.message, texts.html('performance-busy'))
    drawing.add(id)
    edge.outbox.follow('performance', async () => {
      try {
        await show(edge, said.message, texts, window)
      } catch (error) {
        logFailure(edge.deps.log, error, 'the performance of a group could not be shown', { chat: id })
        say(edge, said.message, texts.html('apology'))
      } finally {
        drawing.delete(id)
      }
    })
  })
}

async function show(edge: Edge, message: Message, texts: Texts, window: PerformanceWindow): Promise<void> {
  const { id } = message.chat
  const { text, picture } = performanceCard(await readPerformance(edge.deps, id, window), lookOf(edge, texts))
  const source = picture && fitsCaption(text) ? await edge.pictures.performance(picture) : undefined
  if (!source) say(edge, message, text)
  else {
    const photo = { source, filename: 'performance.png' }
    edge.outbox.post(id, 'sendPhoto', photoParams(id, photo, text, message.message_id))
  }
}

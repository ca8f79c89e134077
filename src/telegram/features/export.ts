import { LRUCache } from 'lru-cache'
import type { Telegraf } from 'telegraf'
import type { Message } from 'telegraf/types'
import { exportGroup } from '../../actions/export-group.ts'
import { isRefusal, refuse } from '../../domain/refusal.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { logFailure } from '../../lib/log.ts'
import { lines } from '../cards/parts.ts'
import { type Edge, groupMessage, say, sayRefusal, textsOf } from '../edge.ts'
import type { Texts } from '../texts.ts'
import { documentParams } from '../uploads.ts'

/** Between two exports of a group. */
const PAUSE_MS = MINUTE
/** Of all groups together: they are made one after another, since each is held in memory whole. */
const MOST_WAITING = 20

/** Sends the group what it decided and traded, as files. Every member may: what is in them was said in the chat. */
export function registerExport(bot: Telegraf, edge: Edge): void {
  const notBefore = new LRUCache<number, number>({ max: 10_000 })
  let waiting = 0
  bot.command('export', async (ctx) => {
    const said = groupMessage(ctx, '/export')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const { id } = said.chat
    const now = edge.deps.clock.now()
    const wait = (notBefore.get(id) ?? 0) - now
    if (wait > 0) return sayRefusal(edge, ctx, refuse('export_soon', { count: Math.ceil(wait / SECOND) }))
    if (waiting >= MOST_WAITING) return sayRefusal(edge, ctx, refuse('export_busy', {}))
    const texts = await textsOf(edge, ctx)
    waiting += 1
    notBefore.set(id, now + PAUSE_MS)
    edge.outbox.follow('export', async () => {
      try {
        if (!(await sendFiles(edge, said.message, texts))) notBefore.delete(id)
      } catch (error) {
        notBefore.delete(id)
        logFailure(edge.deps.log, error, 'the books of a group could not be exported', { chat: id })
        say(edge, said.message, texts.html('apology'))
      } finally {
        waiting -= 1
      }
    })
  })
}

/** Whether there was something to send. */
async function sendFiles(edge: Edge, message: Message, texts: Texts): Promise<boolean> {
  const { id } = message.chat
  const files = await exportGroup(edge.deps, id)
  if (!files) {
    say(edge, message, texts.html('export-empty'))
    return false
  }
  const { table, data, date, count, shown } = files
  const send = (source: Buffer, ending: string, caption: string) => {
    const file = { source, filename: `tradevote-${date}.${ending}` }
    edge.outbox.post(id, 'sendDocument', documentParams(id, file, caption, message.message_id))
  }
  const part = shown < count && texts.html('export-part', { shown, count })
  send(table, 'csv', lines(texts.html('export-table', { count: shown }), part))
  send(data, 'json', texts.html('export-data'))
  return true
}

import type { Telegraf } from 'telegraf'
import { migrateGroup } from '../../actions/migrate-group.ts'
import type { Edge } from '../edge.ts'
import { sendParams } from '../message-params.ts'
import { isGroup } from '../people.ts'
import { languageOf, textsFor } from '../texts.ts'

/** The bot is added to a group, somebody's rights change, a group becomes a supergroup. */
export function registerMembership(bot: Telegraf, edge: Edge): void {
  bot.on('my_chat_member', async (ctx) => {
    const { chat, from, old_chat_member: before, new_chat_member: after } = ctx.myChatMember
    edge.admins.forget(chat.id)
    const isPresent = after.status === 'member' || after.status === 'administrator'
    const wasPresent = before.status === 'member' || before.status === 'administrator'
    if (!isGroup(chat) || !isPresent || wasPresent) return
    const texts = textsFor((await edge.languages.of(chat.id)) ?? languageOf(from.language_code))
    edge.outbox.post(chat.id, 'sendMessage', sendParams(chat.id, { text: texts.html('greeting'), keyboard: [] }))
  })
  bot.on('message', async (ctx) => {
    const message = ctx.message as { migrate_to_chat_id?: number; migrate_from_chat_id?: number }
    if (message.migrate_to_chat_id !== undefined) await migrateGroup(edge.deps, ctx.chat.id, message.migrate_to_chat_id)
    else if (message.migrate_from_chat_id !== undefined)
      await migrateGroup(edge.deps, message.migrate_from_chat_id, ctx.chat.id)
  })
}

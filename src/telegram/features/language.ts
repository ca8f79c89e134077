import type { Telegraf } from 'telegraf'
import { setLanguage } from '../../actions/set-language.ts'
import { isRefusal, refuse } from '../../domain/refusal.ts'
import type { Language } from '../../domain/session.ts'
import { argumentsOf } from '../arguments.ts'
import { type Button, writeButton } from '../button-data.ts'
import { adminMessage, answerTap, type Edge, refuseTap, saidAt, say, sayRefusal, type Tap, textsOf } from '../edge.ts'
import { editParams } from '../message-params.ts'
import { isGroup, titleOf } from '../people.ts'
import { LANGUAGES, textsFor } from '../texts.ts'

const NAMES = new Map<string, Language>([
  ['en', 'en'],
  ['english', 'en'],
  ['английский', 'en'],
  ['ru', 'ru'],
  ['russian', 'ru'],
  ['русский', 'ru'],
])

export function registerLanguage(bot: Telegraf, edge: Edge): void {
  bot.command('language', async (ctx) => {
    const said = await adminMessage(edge, ctx, '/language ru')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const language = NAMES.get(argumentsOf(said.message.text).toLowerCase())
    if (!language) {
      const texts = await textsOf(edge, ctx)
      return say(edge, said.message, texts.html('language-question'), [languageButtons()])
    }
    await change(edge, said.chat, language, { saidAt: saidAt(said.message), update: ctx.update.update_id })
    return say(edge, said.message, textsFor(language).html('language-set'))
  })
}

const languageButtons = () => [
  { text: textsFor('en').plain('button-english'), callback_data: writeButton({ verb: 'language', language: 'en' }) },
  { text: textsFor('en').plain('button-russian'), callback_data: writeButton({ verb: 'language', language: 'ru' }) },
]

type When = { saidAt: number; update: number }

async function change(edge: Edge, chat: { id: number; title: string }, language: Language, when: When) {
  await setLanguage(edge.deps, { chat, language, ...when })
  edge.languages.forget(chat.id)
}

export async function tapLanguage(edge: Edge, tap: Tap, button: Button & { verb: 'language' }): Promise<void> {
  const { chat, from, message } = tap
  const language = LANGUAGES.find((one) => one === button.language)
  if (!language || !isGroup(chat)) return refuseTap(edge, tap, refuse('button_outdated', {}))
  const rights = await edge.admins.rightsOf(chat.id, from.id)
  if (rights !== 'admin') {
    const code = rights === 'unknown' ? 'admin_unknown' : 'not_admin'
    return refuseTap(edge, tap, refuse(code, { example: `/language ${language}` }))
  }
  await change(edge, { id: chat.id, title: titleOf(chat) }, language, {
    saidAt: tap.arrivedAt,
    update: tap.update,
  })
  const card = { text: textsFor(language).html('language-set'), keyboard: [] }
  edge.outbox.post(chat.id, 'editMessageText', editParams(chat.id, message.message_id, card))
  answerTap(tap, textsFor(language).plain('toast-language'))
}

import type { Context, Telegraf } from 'telegraf'
import { formatAmount } from '../../domain/amount.ts'
import { unitsText } from '../../domain/money.ts'
import { argumentsOf } from '../arguments.ts'
import { lines, nameList } from '../cards/parts.ts'
import { type Edge, say, textsOf } from '../edge.ts'
import { authorOf, cleanLine, isGroup } from '../people.ts'
import { html, type Texts } from '../texts.ts'
import { START_ME, sayMine } from './portfolio.ts'

export function registerHelp(bot: Telegraf, edge: Edge): void {
  bot.command(['help', 'start'], async (ctx) => {
    const texts = await textsOf(edge, ctx)
    if (isGroup(ctx.chat)) return say(edge, ctx.message, await groupHelp(edge, ctx, texts))
    const isStart = ctx.message.text.startsWith('/start')
    if (isStart && argumentsOf(ctx.message.text) === START_ME) return sayMine(edge, ctx, ctx.message)
    const text = isStart
      ? texts.html('start-private', { name: cleanLine(ctx.from.first_name) })
      : texts.html('help-private')
    return say(edge, ctx.message, text, [addButton(ctx, texts)])
  })
}

/** Whatever else is said in private is answered with what the bot is for. */
export function registerSmallTalk(bot: Telegraf, edge: Edge): void {
  bot.on('text', async (ctx, next) => {
    if (ctx.chat.type !== 'private') return next()
    const texts = await textsOf(edge, ctx)
    return say(edge, ctx.message, texts.html('help-private'), [addButton(ctx, texts)])
  })
}

const addButton = (ctx: Context, texts: Texts) => [
  { text: texts.plain('button-add-to-group'), url: `https://t.me/${ctx.me}?startgroup=tradevote` },
]

const TOKENS_LENGTH = 300

const tokensLine = ({ deps }: Edge, texts: Texts): string | false =>
  deps.trading.tokens !== undefined &&
  texts.html('help-tokens', { tokens: html(nameList(texts, deps.trading.tokens, TOKENS_LENGTH)) })

/** The host's limits on what trades take; a trade for which more was pledged is made smaller. */
function limitsLine({ deps: { trading }, currency }: Edge, texts: Texts): string | false {
  const { perTrade, perDay } = trading
  const sentences = [
    ...(perTrade === undefined ? [] : [texts.html('help-limit-trade', { most: unitsText(perTrade), currency })]),
    ...(perDay === undefined ? [] : [texts.html('help-limit-day', { most: unitsText(perDay), currency })]),
  ]
  return sentences.length > 0 && sentences.join(' ')
}

function playMoneyLine({ deps: { trading }, currency }: Edge, texts: Texts): string | false {
  const { startingBalance } = trading
  return startingBalance !== undefined && texts.html('help-paper', { balance: unitsText(startingBalance), currency })
}

/** Members see what members can do; admins see the rest too. */
async function groupHelp(edge: Edge, ctx: Context, texts: Texts): Promise<string> {
  const { least, most } = edge.deps.stake
  const bounds = { least: formatAmount(least), most: formatAmount(most), currency: edge.currency }
  const parts = [
    texts.html('help-group'),
    lines(
      playMoneyLine(edge, texts),
      texts.html('help-bounds', bounds),
      limitsLine(edge, texts),
      tokensLine(edge, texts),
    ),
    texts.html('help-group-look'),
  ]
  const author = ctx.message ? authorOf(ctx.message) : { kind: 'other' as const }
  const isAdmin =
    author.kind === 'anonymous_admin' ||
    (author.kind === 'person' && (await edge.admins.rightsOf(ctx.chat!.id, author.user.id)) === 'admin')
  if (isAdmin) parts.push(texts.html('help-group-admin'))
  return parts.join('\n\n')
}

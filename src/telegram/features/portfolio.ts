import type { Context, Telegraf } from 'telegraf'
import type { Message } from 'telegraf/types'
import { readMine, readPortfolio } from '../../actions/read-portfolio.ts'
import { readPrices } from '../../actions/read-prices.ts'
import { isRefusal } from '../../domain/refusal.ts'
import { meCard } from '../cards/me-card.ts'
import { portfolioCard } from '../cards/portfolio-card.ts'
import { pricesCard } from '../cards/prices-card.ts'
import { type Edge, groupMessage, lookOf, say, sayRefusal, textsOf } from '../edge.ts'
import { isGroup } from '../people.ts'

/** What follows `/start` in the private chat that the button in a group opens. */
export const START_ME = 'me'

/** What the group holds, what one person holds, and at which prices. */
export function registerPortfolio(bot: Telegraf, edge: Edge): void {
  bot.command('portfolio', async (ctx) => {
    const said = groupMessage(ctx, '/portfolio')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const read = await readPortfolio(edge.deps, said.chat.id)
    return say(edge, said.message, portfolioCard(read, lookOf(edge, await textsOf(edge, ctx))).text)
  })
  bot.command('prices', async (ctx) => {
    const said = groupMessage(ctx, '/prices')
    if (isRefusal(said)) return sayRefusal(edge, ctx, said)
    const read = await readPrices(edge.deps, said.chat.id)
    return say(edge, said.message, pricesCard(read, lookOf(edge, await textsOf(edge, ctx))).text)
  })
  bot.command('me', async (ctx) => (isGroup(ctx.chat) ? inviteToPrivate(edge, ctx) : sayMine(edge, ctx, ctx.message)))
}

/** What a person holds is nobody else's business. */
async function inviteToPrivate(edge: Edge, ctx: Context): Promise<void> {
  const texts = await textsOf(edge, ctx)
  const button = { text: texts.plain('button-private'), url: `https://t.me/${ctx.me}?start=${START_ME}` }
  say(edge, ctx.message!, texts.html('me-in-private'), [[button]])
}

/** To be said in a private chat only. */
export async function sayMine(edge: Edge, ctx: Context, message: Message): Promise<void> {
  const mine = await readMine(edge.deps, message.from!.id)
  say(edge, message, meCard(mine, lookOf(edge, await textsOf(edge, ctx))).text)
}

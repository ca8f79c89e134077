import { Telegraf } from 'telegraf'
import type { Update } from 'telegraf/types'
import { expect, test } from 'vitest'
import { stage } from './bot-side.ts'

test('a real Telegraf bot works against it', async () => {
  const { tg, group, alice, bob } = await stage()
  const bot = new Telegraf(tg.token, { telegram: { apiRoot: tg.url } })
  bot.command('vote', async (ctx) => {
    const reply_markup = { inline_keyboard: [[{ text: '✅ Yes', callback_data: 'yes' }]] }
    await ctx.reply('<b>Vote</b> &lt;now&gt;', { parse_mode: 'HTML', reply_markup })
    await ctx.react('👍')
  })
  bot.action('yes', async (ctx) => {
    await ctx.answerCbQuery('Counted')
    await ctx.editMessageText('Closed')
    await ctx.replyWithPhoto({ source: Buffer.from('png') }, { caption: 'A picture' })
  })
  let offset = 0
  const handleBatch = async () => {
    const updates: Update[] = await bot.telegram.callApi('getUpdates', {
      offset,
      timeout: 0,
      limit: 100,
      allowed_updates: [],
    })
    for (const update of updates) {
      await bot.handleUpdate(update)
      offset = update.update_id + 1
    }
  }
  bot.botInfo = await bot.telegram.getMe()
  const command = await alice.says(group, '/vote')
  await handleBatch()
  const card = group.lastFromBot()
  if (!card) throw new Error('no card')
  expect(card).toMatchObject({ text: 'Vote <now>', html: '<b>Vote</b> &lt;now&gt;', buttons: [['✅ Yes']] })
  expect(command.reactions()).toEqual(['👍'])
  const answer = bob.taps(card, 'Yes')
  await handleBatch()
  expect(await answer).toMatchObject({ text: 'Counted' })
  expect(card.text).toBe('Closed')
  expect(group.lastFromBot()).toMatchObject({ kind: 'photo', text: 'A picture' })
  expect(group.lastFromBot()?.file?.bytes.toString()).toBe('png')
  const refusal = bot.telegram.sendMessage(-1, 'x')
  await expect(refusal).rejects.toMatchObject({
    response: { error_code: 400, description: 'Bad Request: chat not found' },
  })
})

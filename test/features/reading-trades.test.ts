import { describe, expect, test } from 'vitest'
import type { Person } from '../../src/sandbox/people.ts'
import type { ChatView, ShownMessage } from '../../src/sandbox/shown.ts'
import { opensSession, proposes, type World, world } from '../support/world.ts'

/** Alice, Bob and Carol say yes with 0.05, 0.1 and 0.25; the paper trade follows. Answers the order's id. */
async function buys(it: World, trade = 'buy BONK 0.05 5m'): Promise<string> {
  const card = await proposes(it, it.bob, trade)
  await it.alice.taps(card, 'Yes 0.05')
  await it.bob.taps(card, 'Yes 0.1')
  await it.carol.taps(card, 'Yes 0.25')
  await it.pass(10_000)
  return newestOrder(it)
}

const newestOrder = (it: World): string =>
  /(?:Order|Ордер) ([a-z0-9]{10})/.exec(it.group.fromBot().findLast(({ text }) => /Order|Ордер/.test(text))!.text)![1]!

/** Says it, and answers what the bot says to that. */
async function asks(it: World, person: Person, chat: ChatView, text: string): Promise<ShownMessage> {
  const said = await person.says(chat, text)
  await it.rest()
  const answer = chat.fromBot().findLast(({ replyTo }) => replyTo === said.id)
  if (!answer) throw new Error(`the bot did not answer “${text}”:\n${chat.transcript()}`)
  return answer
}

const session = (it: World) => opensSession(it, [it.alice, it.bob, it.carol])

describe('/orders', () => {
  test('lists what became of the decisions, the newest first', async () => {
    const it = await world()
    await session(it)
    const first = await buys(it)
    const second = await buys(it, 'buy WIF 0.05 5m')
    const { text } = await asks(it, it.carol, it.group, '/orders')
    const lines = text.split('\n').slice(2, 4)
    expect(lines[0]).toMatch(new RegExp(`^✅ BUY WIF · 0\\.\\d+ SOL · traded · ${second}$`))
    expect(lines[1]).toMatch(new RegExp(`^✅ BUY BONK · 0\\.\\d+ SOL · traded · ${first}$`))
    expect(text).toContain(`/order ${second}`)
  })

  test('has pages of ten', async () => {
    const it = await world()
    await opensSession(it, [it.alice])
    const ids: string[] = []
    for (let count = 0; count < 11; count++) {
      const card = await proposes(it, it.alice, `buy T${count} 0.01 5m`)
      await it.alice.taps(card, 'Yes 0.01')
      await it.pass(10_000)
      ids.push(newestOrder(it))
    }
    expect(new Set(ids).size).toBe(11)
    const list = await asks(it, it.alice, it.group, '/orders')
    expect(list.text).toContain('BUY T10 ')
    expect(list.text).not.toContain('BUY T0 ')
    expect(list.text).toContain('Page 1 of 2')
    expect(list.buttons).toEqual([['Older »']])
    expect((await it.alice.taps(list, 'Older')).alert).toBe(false)
    await it.rest()
    expect(list.text).toContain('BUY T0 ')
    expect(list.buttons).toEqual([['« Newer']])
    await it.alice.tapsData(list, '1.orders.9999')
    await it.rest()
    expect(list.text).toContain('Page 2 of 2')
  })

  test('of a group without any tells how the first comes about', async () => {
    const it = await world({ language: 'ru' })
    expect((await asks(it, it.bob, it.group, '/orders')).text).toContain('Ордеров здесь ещё не было.')
  })
})

describe('/order', () => {
  test('tells the sum in one line, the fee, the remainder, and the share of whoever asks', async () => {
    const it = await world()
    await session(it)
    const id = await buys(it)
    const { text } = await asks(it, it.carol, it.group, `/order ${id.toUpperCase()}`)
    expect(text).toContain('Paper trading: play money, simulated prices')
    expect(text).toContain('Stakes: 0.05 + 0.1 + 0.25 = 0.4 SOL')
    expect(text).toMatch(/Received: ([\d.]+) \+ ([\d.]+) \+ ([\d.]+) = [\d.]+ BONK/)
    expect(text).toMatch(/Fee: 0\.000\d+ SOL/)
    expect(text).toContain('Rounding: ')
    expect(text).toMatch(/Price at the proposal: 0\.0000\d+ SOL \(simulated, /)
    expect(text).toMatch(/Your share: [\d.]+ BONK \(62\.5%\) for 0\.\d+ SOL/)
    expect(text).toContain(`/propose sell ${id} 50%`)
    expect((await asks(it, it.alice, it.group, `/order ${id}`)).text).toContain('(12.5%)')
    expect((await asks(it, it.dave, it.group, `/order ${id}`)).text).toContain('You have no part in this order.')
  })

  test('does not know the orders of another group', async () => {
    const it = await world()
    await session(it)
    const id = await buys(it)
    const others = it.tg.group('Others', { admins: [it.bob], members: [it.dave] })
    const here = await asks(it, it.dave, it.group, '/order nothing123')
    expect(here.text).toContain('This group has no order “nothing123”.')
    expect(here.text).toContain('/orders')
    const there = await asks(it, it.dave, others, `/order ${id}`)
    expect(there.text).toBe(here.text.replace('nothing123', id))
    await it.bob.says(others, '/create_session "Elsewhere" 5')
    await it.rest()
    expect((await asks(it, it.dave, others, `/order ${id}`)).text).toBe(there.text)
  })

  test('asks for the id with an example', async () => {
    const it = await world()
    expect((await asks(it, it.bob, it.group, '/order')).text).toContain('The order is missing. For example: /order k')
  })

  test('of one that waits tells why, a halt included', async () => {
    const it = await world({ env: { EXECUTION_DELAY_SECONDS: '60' } })
    await session(it)
    const id = await buys(it)
    expect((await asks(it, it.bob, it.group, `/order ${id}`)).text).toContain('until then an admin can cancel it')
    expect((await asks(it, it.bob, it.group, '/orders')).text).toContain(`⏳ BUY BONK · 0.4 SOL · waiting · ${id}`)
    await it.alice.says(it.group, '/halt')
    await it.rest()
    const { text } = await asks(it, it.bob, it.group, `/order ${id}`)
    expect(text).toContain('Waiting: execution is stopped here.')
    expect(text).toContain('Your stake: 0.1 SOL, 25% of all')
    // It answers the card of the session, and not the command.
    const status = async () => {
      await it.bob.says(it.group, '/status')
      await it.rest()
      return it.group.lastFromBot()!.text
    }
    expect(await status()).toContain(
      'Execution is stopped here until an admin sends /resume\n⏳ 1 order waits to be carried out: see /orders',
    )
    await it.alice.says(it.group, '/resume')
    await it.pass(60_000)
    expect(await status()).toContain('No vote is open.')
    expect(await status()).not.toMatch(/Execution|waits/)
  })
})

describe('/portfolio and /prices', () => {
  test('tell what the group holds, at which prices, and what is left of the play money', async () => {
    const it = await world()
    await session(it)
    const before = await asks(it, it.bob, it.group, '/portfolio')
    expect(before.text).toContain('This group holds nothing yet.')
    expect((await asks(it, it.bob, it.group, '/prices')).text).toContain('there are no prices to show')
    await buys(it)
    const { text } = await asks(it, it.bob, it.group, '/portfolio')
    expect(text).toContain('🧪 Paper trading: play money, simulated prices')
    expect(text).toMatch(/^BONK [\d.]+ · [+−]?[\d.]+ SOL \([+−]?\d+\.\d\d%\)$/m)
    expect(text).toMatch(/^cost 0\.\d+, now 0\.\d+ SOL at 0\.0000\d+, (?:just now|\d+ seconds? ago)$/m)
    expect(text).toMatch(/^Play money left: 29\.6\d* SOL · set aside for orders: 0 SOL$/m)
    expect(text).toContain('/me')
    const prices = (await asks(it, it.bob, it.group, '/prices')).text
    expect(prices).toContain('🧪 simulated prices')
    expect(prices).toMatch(/^BONK 0\.0000\d+ SOL · (?:just now|\d+ seconds? ago)$/m)
  })

  test('show the tokens that may be bought, and the help names them', async () => {
    const it = await world({ env: { ALLOWED_TOKENS: 'BONK,WIF' } })
    const { text } = await asks(it, it.bob, it.group, '/prices')
    expect(text).toMatch(/^BONK 0\./m)
    expect(text).toMatch(/^WIF 0\./m)
    const help = (await asks(it, it.bob, it.group, '/help')).text
    expect(help).toContain('Only these tokens can be proposed: BONK, WIF.')
    expect(help).toContain('Paper trading: everybody begins with 10 SOL of play money.')
    expect(help).not.toContain('takes at most')
    expect(help).toContain('What you can look at')
    expect(help).not.toContain('/halt')
    expect((await asks(it, it.alice, it.group, '/help')).text).toContain('/settle <order> filled <tokens> <total>')
  })

  test('show the token of the open vote too', async () => {
    const it = await world()
    await session(it)
    await proposes(it, it.bob, 'buy WIF 0.05 5m')
    expect((await asks(it, it.bob, it.group, '/prices')).text).toMatch(/^WIF 0\./m)
  })

  test('and the help names the limits of the host', async () => {
    const it = await world({ env: { MAX_TRADE: '2', MAX_DAY: '5' } })
    expect((await asks(it, it.bob, it.group, '/help')).text).toContain(
      'One purchase takes at most 2 SOL. All purchases within 24 hours take at most 5 SOL.',
    )
  })

  test('are for groups', async () => {
    const it = await world()
    for (const command of ['/orders', '/order k3f9x2abcd', '/portfolio', '/prices'])
      expect((await asks(it, it.bob, it.bob.privateChat, command)).text).toContain(command)
  })
})

describe('/me', () => {
  test('tells in private what one holds in every group, in the own language', async () => {
    const it = await world()
    await session(it)
    expect((await asks(it, it.bob, it.bob.privateChat, '/me')).text).toContain('You hold nothing yet.')
    await buys(it)
    const others = it.tg.group('Friends', { admins: [it.bob], members: [] })
    await it.bob.says(others, '/create_session "Elsewhere" 5')
    await it.rest()
    await it.bob.taps(others.lastFromBot()!, 'Join')
    await it.bob.says(others, '/propose buy WIF 0.05 5m')
    await it.rest()
    await it.bob.taps(others.fromBot().findLast(({ text }) => text.includes('BUY WIF'))!, 'Yes 0.05')
    await it.pass(10_000)
    const { text } = await asks(it, it.bob, it.bob.privateChat, '/me')
    expect(text).toMatch(/^Friends\nWIF [\d.]+ · /m)
    expect(text).toMatch(/^Traders\nBONK [\d.]+ · /m)
    expect(text).toMatch(/^Play money left: 9\.95\d* SOL · set aside for orders: 0 SOL$/m)
    expect(text).toMatch(/^Play money left: 9\.9\d* SOL · set aside for orders: 0 SOL$/m)
    expect(text).toMatch(/^In all 2 groups: now 0\.\d+ SOL: /m)
    const alone = (await asks(it, it.alice, it.alice.privateChat, '/me')).text
    expect(alone).toContain('Traders')
    expect(alone).not.toContain('Friends')
    expect((await asks(it, it.dave, it.dave.privateChat, '/me')).text).toContain('You hold nothing yet.')
  })

  test('in a group leads to the private chat, and tells nothing', async () => {
    const it = await world({ language: 'ru' })
    const answer = await asks(it, it.bob, it.group, '/me')
    expect(answer.text).toBe('Ваши цифры – только для вас: я покажу их в личном чате.')
    expect(answer.buttons).toEqual([['Открыть личный чат']])
    const own = await asks(it, it.bob, it.bob.privateChat, '/start me')
    expect(own.text).toContain('У вас пока ничего нет.')
    expect((await asks(it, it.bob, it.bob.privateChat, '/start')).text).toContain('Здравствуйте')
  })
})

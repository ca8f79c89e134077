import { expect, test } from 'vitest'
import type { Person } from '../../src/sandbox/people.ts'
import { opensSession, proposes, type World, world } from '../support/world.ts'

const answer = async (it: World, person: Person, text: string): Promise<string> => {
  await person.says(it.group, text)
  await it.rest()
  return it.group.lastFromBot()!.text
}

test('nobody stakes more play money than they have, and who has none can still vote no', async () => {
  const it = await world({ env: { PAPER_BALANCE: '0.3' } })
  await opensSession(it, [it.alice, it.bob, it.carol])
  const first = await proposes(it, it.bob, 'buy BONK 0.1')
  expect(await answer(it, it.bob, '/vote yes 0.31')).toContain(
    'You have 0.3 SOL of play money to stake; this is more. For example: /vote yes 0.3',
  )
  expect(first.buttons[0]).toEqual(['✅ Yes 0.1', '✅ Yes 0.2', '✅ Yes 0.3'])
  await it.alice.taps(first, 'Yes 0.1')
  await it.bob.says(it.group, '/vote yes 0.3')
  await it.carol.taps(first, 'No')
  await it.pass(10_000)
  expect(it.card('Order ').text).toContain('Taking part: 0.4 SOL')

  const second = await proposes(it, it.carol, 'buy WIF 0.1')
  expect(await it.bob.taps(second, 'Yes 0.1')).toMatchObject({
    text: expect.stringContaining('Your play money is used up'),
    alert: true,
  })
  expect((await it.bob.taps(second, 'No')).text).toBe('Counted: no')
  expect(await it.alice.taps(second, 'Yes 0.3')).toMatchObject({
    text: expect.stringMatching(/You have 0\.2\d* SOL of play money/),
    alert: true,
  })
  expect((await it.alice.taps(second, 'Yes 0.2')).text).toBe('Counted: yes with 0.2 SOL')
  expect((await it.carol.taps(second, 'Yes 0.2')).text).toBe('Counted: yes with 0.2 SOL')
})

test('the card shows the price that was seen, and what is simulated is called so', async () => {
  const it = await world()
  await opensSession(it, [it.bob])
  const card = await proposes(it, it.bob, 'buy BONK 0.05')
  expect(card.text).toMatch(/Price: market\nPrice when proposed: [\d.]+ SOL \(simulated\)/)
})

test('a ticker is written as tickers are, an address as it was typed', async () => {
  const it = await world()
  const address = 'DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263'
  await opensSession(it, [it.bob])
  await answer(it, it.bob, '/propose buy wif 0.05 1m')
  expect(it.card('📌 BUY WIF')).toBeDefined()
  await it.pass(60_000)
  await answer(it, it.bob, `/propose buy ${address} 0.05 1m`)
  expect(it.card(`📌 BUY ${address}`)).toBeDefined()
})

test('only allowed tokens are bought, in the host’s spelling, and never the currency itself', async () => {
  const it = await world({ env: { ALLOWED_TOKENS: 'BONK,stSOL' } })
  await opensSession(it, [it.bob])
  expect(await answer(it, it.bob, '/propose buy popcat 0.05')).toContain(
    '“POPCAT” cannot be bought here. What can: BONK, stSOL. For example: /propose "BUY token=BONK amount=0.05 price=market" 5',
  )
  expect(await answer(it, it.bob, '/propose buy sol 0.05')).toContain('SOL is what you pay with')
  await answer(it, it.bob, '/propose buy STSOL 0.05')
  expect(it.card('📌 BUY stSOL')).toBeDefined()
})

test('no stake is above what one trade may take', async () => {
  const it = await world({ env: { MAX_TRADE: '0.2' } })
  await opensSession(it, [it.bob])
  expect(await answer(it, it.bob, '/propose buy BONK 0.3 7m')).toContain(
    'A stake is from 0.001 to 0.2 SOL; this is more. For example: /propose "BUY token=BONK amount=0.2 price=market" 7',
  )
  expect((await proposes(it, it.bob, 'buy BONK 0.2')).text).toContain('Suggested stake: 0.2 SOL')
})

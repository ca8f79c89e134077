import { expect, test } from 'vitest'
import { opensSession, world } from '../support/world.ts'

test('a group opens a session, proposes, votes, and sees the decision', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol])
  await it.bob.says(it.group, '/propose "BUY token=BONK amount=0.05 price=market" 5')
  await it.rest()
  const card = it.card('BUY BONK')
  expect((await it.alice.taps(card, 'Yes')).text).toBe('Counted: yes with 0.05 SOL')
  const vote = await it.bob.says(it.group, '/vote yes 0.1')
  await it.rest()
  expect(vote.reactions()).toEqual(['👍'])
  expect(card.text).toContain('✅ Yes 2 · ❌ No 0 · ⏳ to vote 1')
  await it.pass(5 * 60_000)
  console.log(it.group.transcript())
  expect(card.text).toContain('Approved: BUY BONK')
})

import { expect, test } from 'vitest'
import { unitsOf } from '../../src/domain/money.ts'
import type { Person } from '../../src/sandbox/people.ts'
import { opensSession, proposes, type World, world } from '../support/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const isPng = (bytes: Buffer | undefined) => bytes?.subarray(1, 4).toString() === 'PNG'

/** Alice and Bob say yes, Carol no. */
async function buys(it: World, trade: string): Promise<void> {
  const card = await proposes(it, it.alice, trade)
  await it.alice.taps(card, 'Yes 0.05')
  await it.bob.taps(card, 'Yes 0.1')
  await it.carol.taps(card, 'No')
  await it.pass(10_000)
}

async function asks(it: World, person: Person, command: string) {
  const said = await person.says(it.group, command)
  await it.rest()
  return it.group.fromBot().filter((message) => message.replyTo === said.id)
}

test('a decision is announced once, with its picture', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol])
  // The first one starts the worker, which may take longer than an announcement waits.
  await buys(it, 'buy WIF 0.05')
  await buys(it, 'buy BONK 0.05')
  const notices = it.group.fromBot().filter((message) => message.text.includes('2 yes, 1 no'))
  expect(notices).toHaveLength(2)
  expect(notices[1]).toMatchObject({ kind: 'photo', file: { filename: 'vote.png' } })
  expect(isPng(notices[1]?.file?.bytes)).toBe(true)
  expect(notices[1]?.replyTo).toBe(it.group.fromBot().find((message) => message.text.includes('BUY BONK'))?.id)
})

test('a decision is announced once in words where Telegram does not answer to the photo', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol])
  it.tg.faults.badGateway({ method: 'sendPhoto' })
  await buys(it, 'buy BONK 0.05')
  await it.pass(MINUTE)
  const notices = it.group.fromBot().filter((message) => message.text.includes('2 yes, 1 no'))
  expect(notices).toMatchObject([{ kind: 'text' }])
})

test('the profit is shown as a picture, with the words beneath', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol])
  await buys(it, 'buy BONK 0.05')
  await it.pass(6 * HOUR)
  for (const command of ['/performance', '/performance 24h', '/performance all']) {
    const answers = await asks(it, it.dave, command)
    expect(answers).toMatchObject([{ kind: 'photo', file: { filename: 'performance.png' } }])
    expect(isPng(answers[0]?.file?.bytes)).toBe(true)
    expect(answers[0]?.text).toMatch(/^📈 Profit: [+−]0\.\d+ SOL\n/)
    expect(answers[0]?.text).toContain('simulated prices')
    expect(answers[0]?.text.includes('Over 24 hours')).toBe(command === '/performance 24h')
  }
  // Nothing was sold: the profit is what the holdings are worth beyond the 0.15 SOL that they took.
  const [{ text } = { text: '' }] = await asks(it, it.dave, '/performance')
  const [, sign, profit, worth] = /Profit: ([+−])([\d.]+) SOL\n(?:Over .*\n)?Holdings are worth ([\d.]+) SOL/.exec(
    text,
  )!
  const size = unitsOf(profit!)
  expect(unitsOf(worth!) - unitsOf('0.15')).toBe(sign === '+' ? size : -size)
})

test('the profit of a group that traded nothing, and questions that are none', async () => {
  const it = await world({ language: 'ru' })
  expect(await asks(it, it.bob, '/performance')).toMatchObject([
    { kind: 'text', text: expect.stringContaining('ещё ничего не покупали') },
  ])
  const [refusal] = await asks(it, it.bob, '/performance 5')
  expect(refusal?.text).toContain('/performance 30d')
  await it.bob.says(it.bob.privateChat, '/performance')
  await it.rest()
  expect(it.bob.privateChat.lastFromBot()?.text).toContain('/performance 7d')
})

test('while one is being drawn, another is put off', async () => {
  const it = await world()
  await opensSession(it, [it.alice, it.bob, it.carol])
  await buys(it, 'buy BONK 0.05')
  const first = await it.bob.says(it.group, '/performance')
  const second = await it.carol.says(it.group, '/performance 24h')
  await it.rest()
  const answersTo = (id: number) => it.group.fromBot().filter((message) => message.replyTo === id)
  expect(answersTo(first.id)).toMatchObject([{ kind: 'photo' }])
  expect(answersTo(second.id)).toHaveLength(1)
  expect(await asks(it, it.bob, '/performance')).toMatchObject([{ kind: 'photo' }])
})

import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/lib/clock.ts'
import { filled } from '../support/receiver.ts'
import {
  approves,
  expectSetAside,
  expectSettled,
  placed,
  shownOrder,
  type VenueWorld,
  venueWorld,
} from '../support/venue-world.ts'

const lookups = ({ receiver }: VenueWorld) => receiver.messages.filter(({ type }) => type === 'order.lookup')
/** What the venue would say of the order that it was sent. */
const filling = (made: VenueWorld) => filled(placed(made)[0]!.data) as { quantity: string; quote: string; fee: string }

/** Carried out once at the venue, and once in the books. */
async function expectOnce(made: VenueWorld): Promise<void> {
  const { id, card } = shownOrder(made)
  expect(card.text).toMatch(/^✅ Order \w{10}: BUY BONK\nBought [\d.]+ BONK for 0\.[34]\d* SOL/)
  expect(card.buttons).toEqual([])
  expect(made.receiver.executions(id)).toBe(1)
  await expectSettled(made, { id, state: 'filled' })
}

const UNKNOWN = 'It is not known whether this was traded'

async function says({ it }: VenueWorld, text: string): Promise<string> {
  await it.alice.says(it.group, text)
  await it.rest()
  return it.group.lastFromBot()!.text
}

describe('the answer is lost', () => {
  test('and the order was carried out: the look-up finds it', async () => {
    const made = await venueWorld()
    made.receiver.fault = 'loses_answers'
    await approves(made)
    made.receiver.fault = undefined
    await made.it.pass(8 * SECOND)
    expect(shownOrder(made).card.text).toContain('Sent; the trading venue has not answered yet')
    await made.it.pass(10 * SECOND)
    await expectOnce(made)
    expect(shownOrder(made).notices).toHaveLength(1)
    expect(placed(made)).toHaveLength(1)
  })

  test('and the order was not carried out: it is sent again, after the grace and not before', async () => {
    const made = await venueWorld()
    made.receiver.fault = 'loses_orders'
    await approves(made)
    made.receiver.fault = undefined
    await made.passes(45 * SECOND, 5 * SECOND)
    expect(lookups(made).length).toBeGreaterThan(0)
    expect(placed(made)).toHaveLength(1)
    await made.passes(15 * SECOND, 5 * SECOND)
    await expectOnce(made)
    expect(placed(made)).toHaveLength(2)
  })

  test('and look-ups have no answer either: the order becomes unknown, and is found when the venue is back', async () => {
    const made = await venueWorld()
    made.receiver.fault = 'loses_answers'
    await approves(made)
    await made.passes(3 * MINUTE, 15 * SECOND)
    const { card, notices } = shownOrder(made)
    expect(card.text).toContain(`${UNKNOWN}: the trading venue does not answer.`)
    expect(notices).toHaveLength(1)
    await expectSetAside(made, { state: 'unknown', reason: 'no_answer' })
    made.receiver.fault = undefined
    await made.passes(10 * MINUTE, MINUTE)
    await expectOnce(made)
    expect(shownOrder(made).notices).toHaveLength(2)
    expect(placed(made)).toHaveLength(1)
  })
})

describe('the venue reports by itself', () => {
  /** The venue has carried the order out, and tells neither then nor when it is asked. */
  async function isSilent(): Promise<VenueWorld> {
    const made = await venueWorld()
    made.receiver.fault = 'loses_answers'
    await approves(made)
    made.receiver.answer = (response) => response.writeHead(404).end()
    return made
  }

  test('before the order was looked up', async () => {
    const made = await isSilent()
    const { id } = placed(made)[0]!.data
    expect(await made.reports(id, filling(made))).toBe(200)
    await made.it.rest()
    await expectOnce(made)
    expect(lookups(made)).toHaveLength(0)
  })

  test('after the order became unknown', async () => {
    const made = await isSilent()
    const { id } = placed(made)[0]!.data
    await made.passes(30 * SECOND, 10 * SECOND)
    expect(shownOrder(made).card.text).toContain(`${UNKNOWN}: the trading venue cannot tell.`)
    await expectSetAside(made, { state: 'unknown', reason: 'cannot_ask' })
    expect(await made.reports(id, filling(made))).toBe(200)
    await made.it.rest()
    await expectOnce(made)
    expect(placed(made)).toHaveLength(1)
  })

  test('twice, and then the contrary: the first counts, and the group is told', async () => {
    const made = await isSilent()
    const { id } = placed(made)[0]!.data
    for (let times = 0; times < 2; times++) expect(await made.reports(id, filling(made))).toBe(200)
    await made.it.rest()
    expect(shownOrder(made).notices).toEqual([])
    for (let times = 0; times < 2; times++)
      expect(await made.reports(id, { status: 'refused', message: 'never mind' })).toBe(200)
    await made.it.rest()
    const { notices } = shownOrder(made)
    expect(notices).toHaveLength(1)
    expect(notices[0]).toContain(
      'The trading venue says otherwise now: nothing was traded. My books were left as they are',
    )
    expect(made.it.logged()).toContain('a venue contradicts a settled order')
    await expectOnce(made)
  })

  test('both ways at the same instant: it is booked once', async () => {
    const made = await isSilent()
    const { id } = placed(made)[0]!.data
    const statuses = await Promise.all(Array.from({ length: 8 }, () => made.reports(id, filling(made))))
    expect(new Set(statuses)).toEqual(new Set([200]))
    await made.it.rest()
    await expectOnce(made)
  })

  test('what nobody signed, what is no result, or what was never sent changes nothing', async () => {
    const made = await isSilent()
    const { id } = placed(made)[0]!.data
    const another = `whsec_${Buffer.alloc(32, 'another').toString('base64')}`
    expect(await made.reports(id, filling(made), another)).toBe(401)
    expect(await made.reports(id, { status: 'done' })).toBe(400)
    expect(await made.reports('nosuchorde', filling(made))).toBe(404)
    await expectSetAside(made, { state: 'sent' })
  })

  test('more than was asked: the order becomes unknown', async () => {
    const made = await isSilent()
    const { id } = placed(made)[0]!.data
    expect(await made.reports(id, { ...filling(made), quote: '0.5' })).toBe(200)
    await made.it.rest()
    expect(shownOrder(made).card.text).toContain(`${UNKNOWN}: the trading venue’s answer cannot be right.`)
    await expectSetAside(made, { state: 'unknown', reason: 'answer_invalid' })
    expect(await made.reports(id, filling(made))).toBe(200)
    await made.it.rest()
    await expectOnce(made)
  })

  test('after it has only taken the order', async () => {
    const made = await venueWorld()
    made.receiver.trade = () => ({ status: 'accepted' })
    await approves(made)
    await made.passes(HOUR, 10 * MINUTE)
    expect(shownOrder(made).card.text).toContain('The trading venue has taken it and is working on it.')
    expect(shownOrder(made).notices).toEqual([])
    expect(await made.reports(placed(made)[0]!.data.id, filling(made))).toBe(200)
    await made.it.rest()
    await expectOnce(made)
    expect(shownOrder(made).notices).toHaveLength(1)
    expect(placed(made)).toHaveLength(1)
  })

  test('never, of an order that it has taken and cannot be asked of: after a day it is unknown', async () => {
    const made = await venueWorld()
    made.receiver.answer = (response, { type }) =>
      type === 'order.place'
        ? response.writeHead(202).end(JSON.stringify({ status: 'accepted' }))
        : response.writeHead(501).end()
    await approves(made)
    await made.passes(23 * HOUR, 8 * HOUR)
    expect(shownOrder(made).card.text).toContain('is working on it')
    await made.passes(2 * HOUR, HOUR)
    expect(shownOrder(made).card.text).toContain(`${UNKNOWN}: the trading venue cannot tell.`)
    await expectSetAside(made, { state: 'unknown' })
    expect(placed(made)).toHaveLength(1)
  })
})

const times = (text: string, factor: bigint): string => {
  const [whole, fraction = ''] = text.split('.')
  return String(BigInt(whole! + fraction.padEnd(9, '0')) * factor).replace(/.{9}$/, '.$&')
}

describe.each<[string, (made: VenueWorld) => void, string]>([
  [
    'more than was asked',
    ({ receiver }) => {
      receiver.trade = (order) => ({ ...filled(order), quote: '0.400000001' })
    },
    'the trading venue’s answer cannot be right',
  ],
  [
    'a price ten times off',
    ({ receiver }) => {
      receiver.trade = (order) => {
        const all = filled(order) as { quantity: string }
        return { ...all, quantity: times(all.quantity, 11n) }
      }
    },
    'the trading venue’s answer cannot be right',
  ],
  [
    'nonsense',
    ({ receiver }) => {
      receiver.answer = (response) => response.writeHead(200).end('<html><b>It works!</b></html>')
    },
    'the trading venue does not answer',
  ],
])('the venue answers %s', (_, misbehaves, why) => {
  async function becomesUnknown(): Promise<VenueWorld> {
    const made = await venueWorld()
    misbehaves(made)
    await approves(made)
    await made.passes(3 * MINUTE, 20 * SECOND)
    const { id, card, notices } = shownOrder(made)
    expect(card.text).toContain(`${UNKNOWN}: ${why}. Nothing is lost`)
    for (const text of [card.text, ...notices])
      expect(text).toContain(`/settle ${id} filled <tokens> <total> or /settle ${id} none`)
    expect(notices.length).toBeLessThanOrEqual(1)
    await expectSetAside(made, { id, state: 'unknown' })
    expect(placed(made)).toHaveLength(1)
    return made
  }

  test('an admin settles that nothing was traded, and everybody gets everything back', async () => {
    const made = await becomesUnknown()
    const { id, card } = shownOrder(made)
    await says(made, `/settle ${id} none`)
    expect(card.text).toContain('an admin settled that nothing was traded. Everybody keeps what they had.')
    await expectSettled(made, { id, state: 'refused', reason: 'settled_by_admin' })
    expect(await made.reports(id, filling(made))).toBe(200)
    await made.passes(20 * MINUTE, 5 * MINUTE)
    await expectSettled(made, { id, state: 'refused' })
    expect(placed(made)).toHaveLength(1)
  })

  test('an admin settles what was traded, not more than was asked, and it is booked', async () => {
    const made = await becomesUnknown()
    const { id, card } = shownOrder(made)
    expect(await says(made, `/settle ${id} filled 20000 0.5`)).toContain(`Order ${id} can have taken at most 0.4 SOL`)
    await expectSetAside(made, { id, state: 'unknown' })
    await says(made, `/settle ${id} filled 20000 0.39`)
    expect(card.text).toContain('Bought 20000 BONK for 0.39 SOL, at 0.0000195 SOL each. An admin settled it.')
    await expectSettled(made, { id, state: 'filled', reason: 'settled_by_admin' })
  })
})

test('a refusal in hostile words is shown as text, and not all of it', async () => {
  const made = await venueWorld()
  const message = `<b>You won</b> <a href="https://evil.example">here</a>\n\u202e${'A'.repeat(10_000)}`
  made.receiver.trade = () => ({ status: 'refused', reason: 'other', message })
  await approves(made)
  const { card } = shownOrder(made)
  expect(card.text).toContain('the trading venue refused it (“<b>You won</b> <a href="https://evil.example">here</a> A')
  expect(card.html).toContain('&lt;b&gt;You won&lt;/b&gt;')
  expect(card.text).not.toContain('\u202e')
  expect(card.text.length).toBeLessThan(600)
  expect(card.text).toContain('Everybody keeps what they had.')
  expect(card.buttons).toEqual([['Vote again']])
  await expectSettled(made, { state: 'refused', reason: 'venue_refused' })
  expect(placed(made)).toHaveLength(1)
})

describe('nobody is at the venue', () => {
  test('for an hour: the group is told that it waits, and it is carried out once', async () => {
    const made = await venueWorld()
    await made.receiver.stop()
    await approves(made)
    const { card, notices } = shownOrder(made)
    expect(card.text).toContain('Waiting: the trading venue cannot be reached. I keep trying until')
    expect(card.buttons).toEqual([['Cancel the order']])
    expect(notices).toEqual([])
    await made.passes(HOUR, 15 * MINUTE)
    expect(shownOrder(made).notices).toEqual([])
    await expectSetAside(made, { state: 'recorded', reason: 'venue_away' })
    await made.receiver.start()
    await made.it.pass(2 * MINUTE)
    await expectOnce(made)
    expect(shownOrder(made).notices).toHaveLength(1)
    expect(placed(made)).toHaveLength(1)
  })

  test('for more than a day: it is cancelled, and everybody gets everything back', async () => {
    const made = await venueWorld()
    await made.receiver.stop()
    await approves(made)
    await made.passes(23 * HOUR, 8 * HOUR)
    expect(shownOrder(made).card.text).toContain('⏳')
    await made.passes(2 * HOUR, HOUR)
    const { card, notices } = shownOrder(made)
    expect(card.text).toContain('Cancelled: it had waited too long. Everybody keeps what they had.')
    expect(notices).toHaveLength(1)
    await made.receiver.start()
    await made.passes(HOUR, 20 * MINUTE)
    await expectSettled(made, { state: 'cancelled', reason: 'waited_too_long' })
    expect(placed(made)).toHaveLength(0)
  })

  test('and an admin cancels it: it is not carried out when the venue is back', async () => {
    const made = await venueWorld()
    await made.receiver.stop()
    await approves(made)
    const { card } = shownOrder(made)
    expect((await made.it.alice.taps(card, 'Cancel')).text).toContain('Everything was given back')
    await made.receiver.start()
    await made.passes(10 * MINUTE, MINUTE)
    expect(card.text).toContain('Cancelled: an admin decided so')
    await expectSettled(made, { state: 'cancelled' })
    expect(placed(made)).toHaveLength(0)
  })
})

test('a venue that turns everything away is tried at growing pauses', async () => {
  const made = await venueWorld()
  made.receiver.answer = (response) => response.writeHead(429).end()
  await approves(made)
  await made.passes(MINUTE, 2 * SECOND)
  // At once, and after 5, 10 and 20 seconds more.
  expect(placed(made)).toHaveLength(4)
  expect(shownOrder(made).card.text).toContain('Waiting: the trading venue cannot be reached.')
  made.receiver.answer = undefined
  await made.passes(MINUTE, 20 * SECOND)
  await expectOnce(made)
  expect(placed(made)).toHaveLength(5)
})

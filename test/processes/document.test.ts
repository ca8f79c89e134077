import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/lib/clock.ts'
import { eventually } from '../support/bot-process.ts'
import { runsRedis, type TestRedis } from '../support/redis.ts'
import { opens, proposes, scene, shows } from './scene.ts'

const SLACK_MS = 30_000

async function lifetimes(redis: TestRedis, id: string, chatId: number) {
  const document = Number(await redis.cli('PTTL', `session:${id}`))
  const index = Number(await redis.cli('PTTL', `session:chat:${chatId}`))
  expect(index).toBeGreaterThanOrEqual(document)
  return { document, index }
}

test.skipIf(!runsRedis())('redis-cli shows a session as it is written down, and for how long', async (t) => {
  const it = await scene(t, { redis: true, people: 3 })
  const redis = it.redis!
  const { group, people } = it
  await it.starts()
  const sessionCard = await opens(it, people, '/create_session "Buy BONK token" 7 1h')
  const id = await redis.cli('GET', `session:chat:${group.id}`)
  expect(id).toMatch(/^[\w-]{12}$/)
  const first = await lifetimes(redis, id, group.id)
  expect(Math.abs(first.document - HOUR)).toBeLessThan(SLACK_MS)
  expect(first.index - first.document).toBeLessThan(2 * MINUTE)

  const card = await proposes(it, '/propose "BUY token=BONK amount=0.05 price=market" 90')
  await people[0]!.taps(card, 'Yes')
  await people[1]!.taps(card, 'No')
  await it.tg.quiet({ ms: 300 })
  const text = await redis.cli('GET', `session:${id}`)
  expect(text).toMatch(/^\{"version":\d+,"write":"[\w-]{11}","format":1,"id":"/)
  const document = JSON.parse(text)
  const person = { id: expect.any(Number), name: expect.stringMatching(/^@p\d$/) }
  expect(document).toMatchObject({
    version: expect.any(Number),
    write: expect.any(String),
    format: 1,
    id,
    message: 'Buy BONK token',
    chatId: group.id,
    msgId: sessionCard.id,
    open: true,
    createdBy: people[0]!.id,
    createdByUsername: '@p0',
    createdAt: expect.any(Number),
    votingMinutes: 7,
    participants: [person, person, person],
    proposals: [
      {
        id: expect.stringMatching(/^[\w-]{12}$/),
        text: 'BUY token=BONK amount=0.05 price=market',
        type: 'buy',
        trade: { side: 'buy', token: 'BONK', amount: 0.05, price: 'market' },
        votes: {
          [people[0]!.id]: { vote: 'yes', amount: 0.05, at: expect.any(Number), update: expect.any(Number) },
          [people[1]!.id]: { vote: 'no', amount: 0, at: expect.any(Number), update: expect.any(Number) },
        },
        open: true,
        createdBy: people[2]!.id,
        createdByUsername: '@p2',
        msgId: card.id,
        duration: 90,
        startTime: expect.any(Number),
        endTime: document.proposals[0].startTime + 90 * MINUTE,
        result: null,
      },
    ],
  })

  // A vote that ends after the session would: the session lives an hour longer than the vote.
  const second = await lifetimes(redis, id, group.id)
  expect(Math.abs(second.document - 2.5 * HOUR)).toBeLessThan(SLACK_MS)

  await people[0]!.says(group, '/close_session')
  await shows(it, 'was closed by an admin')
  await eventually(async () => JSON.parse(await redis.cli('GET', `session:${id}`)).archived === true)
  const closed = JSON.parse(await redis.cli('GET', `session:${id}`))
  expect(closed.version).toBeGreaterThan(document.version)
  expect(closed.write).not.toBe(document.write)
  expect(closed).toMatchObject({
    open: false,
    proposals: [
      {
        open: false,
        result: {
          approved: false,
          reason: 'closed_by_admin',
          yes: 1,
          no: 1,
          abstained: 1,
          yesAmount: 0.05,
          closedAt: expect.any(Number),
        },
      },
    ],
  })
  expect(await redis.cli('GET', `session:chat:${group.id}`)).toBe(id)
  await lifetimes(redis, id, group.id)
  const keys = (await redis.cli('KEYS', '*')).split('\n').filter((key) => key !== 'session:probe')
  expect(keys.sort()).toEqual([`session:${id}`, `session:chat:${group.id}`].sort())
})

test.skipIf(!runsRedis())('without a lifetime of its own a session lives a day', async (t) => {
  const it = await scene(t, { redis: true })
  await it.starts()
  await opens(it, [])
  const { id } = await it.document()
  expect(Math.abs((await lifetimes(it.redis!, id, it.group.id)).document - 24 * HOUR)).toBeLessThan(SLACK_MS)
})

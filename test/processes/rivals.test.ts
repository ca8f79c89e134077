import { expect, test } from 'vitest'
import type { Session } from '../../src/domain/session.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import { type Scene, SECRET, scene, shows } from './scene.ts'

/** Enough of them that some meet between the look at the index and its change. */
const GROUPS = 60

/** Telegram hands out a chat's messages one by one; here both bots get one each at the same instant. */
async function bothAtOnce(it: Scene, send: () => Promise<unknown>): Promise<void> {
  const held: { body: string; chatId: number }[] = []
  it.balancer!.intercept = (body) => {
    held.push({ body, chatId: JSON.parse(body).message.chat.id })
    return 200
  }
  const before = it.tg.updates.length
  await send()
  const wanted = it.tg.updates.length - before
  await it.tg.until(() => held.length === wanted)
  it.balancer!.intercept = undefined
  const pairs = held.sort((a, b) => a.chatId - b.chatId)
  const statuses = await Promise.all(
    pairs.map(async ({ body }, n) => {
      const port = it.balancer!.targets[n % 2]
      const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': SECRET }
      const url = `http://127.0.0.1:${port}/telegram/webhook`
      return (await fetch(url, { method: 'POST', headers, body })).status
    }),
  )
  expect(new Set(statuses)).toEqual(new Set([200]))
}

test.skipIf(!runsRedis() || !runsPostgres())(
  'of two sessions created at the same instant through two processes, one stands',
  async (t) => {
    const it = await scene(t, { redis: true, postgres: true, webhook: true, people: 2, env: { PERSON_LIMIT: '0' } })
    await Promise.all([it.starts(0), it.starts(1)])
    const redis = it.redis!
    const groups = Array.from({ length: GROUPS }, (_, n) => it.tg.group(`Group ${n}`, { admins: it.people }))
    const openSessions = async (): Promise<Session[]> => {
      const keys = (await redis.cli('KEYS', 'session:????????????')).split('\n')
      const texts = (await redis.cli('MGET', ...keys)).split('\n')
      return texts.map((text) => JSON.parse(text) as Session).filter((session) => session.open)
    }
    await bothAtOnce(it, async () => {
      for (const group of groups)
        for (const [n, person] of it.people.entries()) await person.says(group, `/create_session "Idea ${n}"`)
    })
    await it.tg.quiet({ ms: 500 })
    const open = await openSessions()
    expect(open).toHaveLength(GROUPS)
    const indexed = (await redis.cli('MGET', ...groups.map(({ id }) => `session:chat:${id}`))).split('\n')
    for (const [n, group] of groups.entries()) {
      const [session, ...others] = open.filter((one) => one.chatId === group.id)
      expect(others).toEqual([])
      expect(indexed[n]).toBe(session!.id)
      const refusals = group.fromBot().filter((message) => message.text.includes('A session is already open here'))
      expect(refusals).toHaveLength(1)
      expect(refusals[0]!.text).toContain(session!.message)
      const loser = group.message(refusals[0]!.replyTo!)!
      expect(loser.text).not.toContain(session!.message)
      const cards = group.fromBot().filter((message) => message.text.includes('trading session'))
      expect(cards.map((card) => card.id)).toEqual([session!.msgId])
    }
    const winners = open.map((session) => session.message)
    console.log(`the first admin's: ${winners.filter((one) => one === 'Idea 0').length} of ${GROUPS}`)

    // No chat is blocked by what happened.
    for (const group of groups) await it.people[1]!.says(group, '/close_session')
    for (const group of groups) await shows({ tg: it.tg, group }, 'was closed by an admin')
    for (const group of groups) await it.people[1]!.says(group, '/create_session "Another"')
    for (const group of groups) await shows({ tg: it.tg, group }, 'Another')
    expect((await openSessions()).map((session) => session.message)).toEqual(groups.map(() => 'Another'))
  },
)

import { expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/lib/clock.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import { decided, decisionsShown, opens, proposes, type Scene, scene } from './scene.ts'

const TAPPING = 300
const WRITING = 100

/** Three hundred people tap at the same moment, and a hundred more write. */
async function everybodyVotesAtOnce(it: Scene) {
  await opens(it)
  const card = await proposes(it)
  await it.tg.quiet({ ms: 300 })
  const startedAt = Date.now()
  const taps = it.people.slice(0, TAPPING).map((person) => person.taps(card, 'Yes'))
  const written = await Promise.all(it.people.slice(TAPPING).map((person) => person.says(it.group, '/vote yes')))
  const answers = await Promise.all(taps)
  const answeredAt = Date.now()
  const notice = await decided(it, card)
  expect(answers.filter((answer) => answer.text === 'Counted: yes with 0.05 SOL')).toHaveLength(TAPPING)
  // The result goes first; a hundred thumbs follow as fast as Telegram takes them.
  await it.tg.until(() => written.every((message) => message.reactions().join() === '👍'), { withinMs: 30 * SECOND })
  expect(notice.text).toContain('400 yes, 0 no, 0 did not vote. Pledged: 20 SOL')
  expect(card.text).toContain('Approved')
  expect(decisionsShown(it)).toHaveLength(2)
  // 400 votes never make 400 edits: at most one in three seconds.
  for (const [n, at] of card.editedAt.entries()) if (n > 0) expect(at - card.editedAt[n - 1]!).toBeGreaterThan(2900)
  const session = await it.documentAtRest()
  const [proposal] = session.proposals
  expect(session.participants).toHaveLength(TAPPING + WRITING)
  for (const { id } of it.people) expect(proposal!.votes[id]).toMatchObject({ vote: 'yes', amount: 0.05 })
  expect(Object.keys(proposal!.votes)).toHaveLength(TAPPING + WRITING)
  expect(proposal!.result).toMatchObject({ approved: true, yes: 400, no: 0, abstained: 0, yesAmount: 20 })
  console.log(`300 taps answered within ${answeredAt - startedAt} ms`)
}

test
  .skipIf(!runsRedis() || !runsPostgres())
  .concurrent(
    '400 votes at once through two processes on one Redis and one Postgres',
    { timeout: 2 * MINUTE },
    async (t) => {
      const it = await scene(t, { redis: true, postgres: true, webhook: true, people: TAPPING + WRITING })
      await Promise.all([it.starts(0), it.starts(1)])
      await everybodyVotesAtOnce(it)
      for (const port of it.balancer!.targets) expect(it.balancer!.passed.get(port)).toBeGreaterThan(300)
    },
  )

test.concurrent('400 votes at once in one process on the embedded store', { timeout: 2 * MINUTE }, async (t) => {
  const it = await scene(t, { people: TAPPING + WRITING })
  await it.starts()
  await everybodyVotesAtOnce(it)
})

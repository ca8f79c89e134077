import { describe, expect, test } from 'vitest'
import { opensSession, proposes, type World, type WorldOptions, world } from '../support/world.ts'

const MINUTE = 60_000

/** A world at the very beginning of a minute, with an open vote in which nobody has used up anything yet. */
async function aVote(options: WorldOptions) {
  const it = await world(options)
  await opensSession(it, [it.bob, it.carol, it.dave])
  await nextMinute(it)
  const card = await proposes(it, it.bob, 'buy BONK 0.05 60m')
  await nextMinute(it)
  return { it, card }
}

const nextMinute = (it: World) => it.pass(MINUTE - (it.clock.now() % MINUTE))

/** What the bot wrote in the group, from a message on. */
const answersAfter = (it: World, before: number): string[] =>
  it.group
    .fromBot()
    .slice(before)
    .map((message) => message.text)

describe.each(['polling', 'webhook'] as const)('%s', (kind) => {
  const intake = kind === 'webhook' ? { intake: kind } : {}

  test('who taps too much is told once that it was not counted, then nothing, and disturbs nobody', async () => {
    const { it, card } = await aVote({ ...intake, env: { PERSON_LIMIT: '4' } })
    for (const label of ['Yes', 'No', 'Yes', 'No'])
      expect(await it.bob.taps(card, label)).toMatchObject({ alert: false })
    const told = await it.bob.taps(card, 'Yes')
    expect(told.alert).toBe(true)
    expect(told.text).toMatch(
      /^This was not counted. Taps and commands of one person: at most 4 a minute. Please try again in \d+ seconds?.$/,
    )
    expect(await it.bob.taps(card, 'Yes')).toMatchObject({ unanswered: true })
    expect(await it.carol.taps(card, 'Yes')).toMatchObject({ text: expect.stringContaining('Counted'), alert: false })
    await it.rest()
    expect(card.text).toContain('✅ Yes 1 · ❌ No 1')
    await nextMinute(it)
    expect(await it.bob.taps(card, 'Yes')).toMatchObject({ text: expect.stringContaining('Changed'), alert: false })
    expect(it.logged()).not.toContain('"level":50')
  })

  test('a command beyond the share has no effect; one answer says so, in the group’s language', async () => {
    const { it, card } = await aVote({ ...intake, env: { PERSON_LIMIT: '2' } })
    await it.alice.says(it.group, '/language ru')
    await nextMinute(it)
    const before = it.group.fromBot().length
    for (let count = 0; count < 2; count++) await it.bob.says(it.group, '/vote no')
    for (let count = 0; count < 5; count++) await it.bob.says(it.group, '/vote yes 0.07')
    await it.rest()
    expect(answersAfter(it, before)).toEqual([
      expect.stringMatching(/^Это не засчитано. Нажатий и команд от одного человека: не больше 2 в минуту/),
    ])
    expect(card.text).toContain('❌ Против 1')
    await it.carol.says(it.group, '/status')
    await it.rest()
    expect(answersAfter(it, before)).toHaveLength(2)
  })

  test('a day’s backlog is not speed: what was said a minute apart counts, however fast it arrives', async () => {
    const { it } = await aVote({ ...intake, env: { PERSON_LIMIT: '1', CHAT_LIMIT: '1' } })
    await it.app.stop()
    const said = []
    for (let count = 0; count < 10; count++) {
      said.push(await it.bob.says(it.group, `/vote yes 0.0${count + 1}`), await it.carol.says(it.group, '/vote no'))
      it.clock.advance(MINUTE)
    }
    await it.restart()
    await it.rest()
    expect(said.map((message) => message.reactions())).toEqual(said.map((_, at) => [at % 2 === 0 ? '👍' : '👎']))
    expect(it.group.transcript()).not.toContain('not counted')
  })

  test('what is delivered again is counted once', async () => {
    const { it, card } = await aVote({ ...intake, env: { PERSON_LIMIT: '2' } })
    await it.bob.taps(card, 'Yes')
    const { update_id: first } = it.tg.updates.at(-1)!
    for (let count = 0; count < 5; count++) expect(await it.tg.redeliver(first)).toBe('acknowledged')
    expect(await it.bob.taps(card, 'No')).toMatchObject({ alert: false })
    expect(await it.bob.taps(card, 'Yes')).toMatchObject({ alert: true })
  })
})

test('a busy group is told once; votes, and what stops the trading, go on', async () => {
  const { it, card } = await aVote({ env: { CHAT_LIMIT: '4', PERSON_LIMIT: '0' } })
  const before = it.group.fromBot().length
  for (const person of [it.bob, it.carol, it.dave, it.bob, it.carol, it.dave]) await person.says(it.group, '/orders')
  await it.rest()
  expect(answersAfter(it, before)).toEqual([
    ...Array.from({ length: 4 }, () => expect.not.stringContaining('not done')),
    expect.stringMatching(/^This was not done. Commands in one group: at most 4 a minute/),
  ])
  const vote = await it.bob.says(it.group, '/vote yes')
  await it.carol.taps(card, 'No')
  await it.alice.says(it.group, '/halt')
  await it.rest()
  expect(vote.reactions()).toEqual(['👍'])
  expect(card.text).toContain('✅ Yes 1 · ❌ No 1')
  expect(it.group.lastFromBot()?.text).toContain('Execution is stopped')
  await it.alice.says(it.group, '/close_session')
  await it.rest()
  expect(it.group.transcript()).toContain('closed')
})

test('a flood is nobody else’s trouble, and the stores and Telegram hear nothing of it', async () => {
  const { it, card } = await aVote({ env: { PERSON_LIMIT: '5' } })
  for (let count = 0; count < 6; count++) await it.dave.taps(card, 'Yes')
  const before = it.tg.calls.length
  const flood = Array.from({ length: 300 }, () => it.dave.tapsWithoutWaiting(card, 'Yes').answer)
  expect(await it.bob.taps(card, 'Yes')).toMatchObject({ text: expect.stringContaining('Counted') })
  expect((await Promise.all(flood)).every((answer) => answer.unanswered)).toBe(true)
  await it.rest()
  const methods = it.tg.calls.slice(before).map((call) => call.method)
  expect(methods.filter((method) => method === 'answerCallbackQuery')).toHaveLength(1)
})

test('anonymous admins share one share in their group, which is nobody else’s', async () => {
  const { it } = await aVote({ env: { PERSON_LIMIT: '1' } })
  const before = it.group.fromBot().length
  const anonymous = it.tg.anonymousAdmin(it.group)
  for (let count = 0; count < 3; count++) await anonymous.says('/language')
  await it.alice.says(it.group, '/language')
  await it.rest()
  const answers = answersAfter(it, before)
  expect(answers).toHaveLength(3)
  expect(answers.filter((text) => text.includes('not counted'))).toHaveLength(1)
})

test('one person leaves half of what a group can hear to the others', async () => {
  const { it } = await aVote({ env: { CHAT_LIMIT: '4' } })
  const before = it.group.fromBot().length
  for (let count = 0; count < 5; count++) await it.bob.says(it.group, '/orders')
  await it.carol.says(it.group, '/orders')
  await it.rest()
  expect(answersAfter(it, before)).toEqual([
    expect.not.stringContaining('not done'),
    expect.not.stringContaining('not done'),
    expect.stringMatching(/^This was not done. Commands of one person in a group: at most 2 a minute/),
    expect.not.stringContaining('not done'),
  ])
  expect(it.logged()).toContain('"whose":"part"')
})

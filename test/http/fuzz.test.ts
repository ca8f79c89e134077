import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { WEBHOOK_PATH } from '../../src/http/webhook.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { type Attack, createHostile } from '../support/hostile.ts'
import { createRandom, type Random } from '../support/hostile-values.ts'
import { createRawClient } from '../support/raw-client.ts'
import { opensSession, proposes, type World, world } from '../support/world.ts'

const ATTACKS = Number(process.env['FUZZ_ATTACKS'] ?? 100_000)
const AT_ONCE = 40
/** Another each time; a failure names it, and it can be given. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)

const NO_LIMITS = { PERSON_LIMIT: '0', CHAT_LIMIT: '0' }

/** A group with a session, a decided vote and an open one, and updates of every kind that real people made. */
async function scene(env: Record<string, string>, logLevel: string) {
  const it = await world({ intake: 'webhook', env, logLevel })
  await opensSession(it, [it.alice, it.bob, it.carol])
  const decided = await proposes(it, it.bob, 'buy WIF 0.05 1m')
  for (const person of [it.alice, it.bob, it.carol]) await person.taps(decided, 'No')
  await it.pass(60_000)
  const card = await proposes(it, it.bob, 'buy BONK 0.05 600m')
  await it.alice.taps(card, 'No')
  await it.carol.says(it.group, '/vote yes 0.07')
  await it.dave.taps(it.card('trading session'), 'Skip')
  for (const text of ['/start', '/me', 'hello']) await it.dave.says(it.dave.privateChat, text)
  it.dave.blocksBot()
  it.dave.unblocksBot()
  const list = await it.dave.says(it.group, '/history')
  await it.rest()
  return { it, card, lists: it.group.fromBot().filter((message) => message.replyTo === list.id) }
}

type Scene = Awaited<ReturnType<typeof scene>>

function hostileTo({ it, card }: Scene, random: Random, strangers: number): () => Attack {
  const [, , sessionId, proposalId] = card.buttonData[0]![0]!.split('.')
  if (it.config.intake.kind !== 'webhook') throw new Error('no webhook')
  return createHostile(
    {
      secret: it.config.intake.secret,
      path: WEBHOOK_PATH,
      updates: [...it.tg.updates],
      chatId: it.group.id,
      people: [it.alice, it.bob, it.carol, it.dave].map((person) => person.id),
      sessionId: sessionId!,
      proposalId: proposalId!,
      messageIds: it.group.fromBot().map((message) => message.id),
      strangers,
    },
    random,
  )
}

/** Sends so many attacks over kept connections, many at once. Answers what was answered wrongly, and the alerts. */
async function attack(port: number, next: () => Attack, count: number) {
  const wrong: string[] = []
  let alerts = 0
  let sent = 0
  const attacker = async () => {
    const client = createRawClient(port)
    while (sent < count && wrong.length < 5) {
      const index = sent++
      const one = next()
      const { status, body } = await client.send(one.method, one.path, one.headers, one.body)
      if (body.includes('"show_alert":true')) alerts += 1
      if (!one.allowed.includes(status)) wrong.push(`#${index} ${one.kind}: ${status} to ${one.body.slice(0, 2000)}`)
    }
    client.close()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, attacker))
  return { wrong, alerts }
}

/** Requests that break off, come in odd pieces or say one thing and do another; what is answered does not matter. */
async function attackRaw(port: number, next: () => Attack, random: Random, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const { headers, body } = next()
    const secret = `x-telegram-bot-api-secret-token: ${headers['x-telegram-bot-api-secret-token'] ?? ''}`
    const head = (length: string) => `POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\n${secret}\r\n${length}\r\n\r\n`
    const text = random.of([
      `${head(`content-length: ${Buffer.byteLength(body) + 10}`)}${body}`,
      `${head('transfer-encoding: chunked')}${body.length.toString(16)}\r\n${body.slice(0, random.below(body.length + 1))}`,
      `${head('transfer-encoding: chunked')}zz\r\n${body}\r\n0\r\n\r\n`,
      head('content-length: -5'),
      `${head('content-length: 5')}${body}`,
      body,
    ])
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text, () => socket.end(() => socket.destroy())))
      socket.on('error', () => undefined).on('close', () => resolve())
    })
  }
}

/** Everything that is stored, table by table, while no bot runs. */
async function stored({ it }: Scene): Promise<Record<string, string[]>> {
  const database = await openDatabase({ kind: 'embedded', dataDir: it.config.dataDir, clock: systemClock })
  try {
    const tables: Record<string, string[]> = {}
    // Not when which card was last drawn: one is drawn again a minute later by itself, and what is shown is compared.
    const names = await database.pool.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'cards' ORDER BY 1",
    )
    for (const { tablename } of names.rows as { tablename: string }[]) {
      const { rows } = await database.pool.query(`SELECT * FROM "${tablename}"`)
      tables[tablename] = rows.map((row) => JSON.stringify(row)).sort()
    }
    return tables
  } finally {
    await database.close()
  }
}

/** The cards and lists of the group as they are shown. */
const shownIn = ({ it }: Scene, ids: readonly number[]) =>
  ids.map((id) => {
    const { text, buttonData, edits, deleted } = it.group.message(id)!
    return { id, text: text.replace(/in \d+ (hours?|minutes?)/, 'in a while'), buttonData, edits, deleted }
  })

const bugsIn = (it: World): string[] =>
  it
    .logged()
    .split('\n')
    .filter((line) => /"level":[56]0/.test(line))
    .map((line) => line.slice(0, 1500))
    .slice(0, 5)

async function votesAtOnce(it: World, card: ShownMessage): Promise<void> {
  expect(await it.bob.taps(card, 'Yes')).toMatchObject({ text: expect.stringContaining('Counted: yes'), alert: false })
  await it.rest()
  expect(card.text).toContain('✅ Yes 2 · ❌ No 1')
}

test(`${ATTACKS} hostile updates change nothing and hurt nobody (seed ${SEED})`, async () => {
  const here = await scene(NO_LIMITS, 'warn')
  const { it, card } = here
  await it.app.stop()
  const before = await stored(here)
  await it.restart()
  await it.rest()
  const ids = it.group.fromBot().map((message) => message.id)
  const shown = shownIn(here, ids)

  const random = createRandom(SEED)
  const next = hostileTo(here, random, 3000)
  const began = { at: performance.now(), cpu: process.cpuUsage() }
  const { wrong } = await attack(it.app.port, next, ATTACKS)
  const seconds = (performance.now() - began.at) / 1000
  const busy = process.cpuUsage(began.cpu)
  await attackRaw(it.app.port, next, random, 300)
  const kept = process.memoryUsage().rss / 1e6
  const spent = `${seconds.toFixed(0)} s (${((busy.user + busy.system) / 1e6).toFixed(0)} of work)`
  console.info(`seed ${SEED}: ${ATTACKS} updates in ${spent}, ${kept.toFixed(0)} MB`)

  expect(wrong).toEqual([])
  expect(bugsIn(it)).toEqual([])
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  await it.rest()
  expect(shownIn(here, ids)).toEqual(shown)
  await it.app.stop()
  const after = await stored(here)
  for (const [name, rows] of Object.entries(before)) expect([name, after[name]]).toEqual([name, rows])
  await it.restart()
  await votesAtOnce(it, card)
}, 900_000)

test(`a few strangers who flood are told of it and left, and a real vote counts meanwhile (seed ${SEED})`, async () => {
  const here = await scene({}, 'debug')
  const { it, card } = here
  await it.pass(60_000)
  const strangers = 3
  const next = hostileTo(here, createRandom(SEED), strangers)
  const flood = attack(it.app.port, next, 3000)
  await votesAtOnce(it, card)
  const { wrong } = await flood
  expect(wrong).toEqual([])
  expect(bugsIn(it)).toEqual([])
  // Each is told once a minute, by whichever they did first: a tap's alert or a command's answer.
  const limited = it.logged().match(/"outcome":"limited"/g)?.length ?? 0
  expect(limited).toBeGreaterThan(300)
}, 300_000)

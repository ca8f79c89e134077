import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SECOND, systemClock } from '../lib/clock.ts'
import { walk } from '../lib/random-walk.ts'
import { createEmulator, type Emulator } from './emulator.ts'
import type { Group } from './groups.ts'
import type { Person } from './people.ts'
import type { ShownMessage } from './shown.ts'

/**
 * One session of a group, played by an admin and four members with the real bot in a process of its own: a vote, the trade
 * that follows from it, what the group then holds, and its sale. Everything here is a sandbox: Telegram is emulated on
 * this machine, the prices are simulated, and the money is play money.
 */

const LIMIT_MS = 60_000
const PICTURES = 'demo-pictures'
const main = fileURLToPath(import.meta.url).endsWith('.ts') ? '../main.ts' : '../main.js'

type Bot = { process: ChildProcess; log: string[] }

/** In a folder of its own, so that it reads no `.env` and no data but the demo's. */
async function startBot(tg: Emulator, dir: string): Promise<Bot> {
  const path = fileURLToPath(new URL(main, import.meta.url))
  const env: Record<string, string | undefined> = {
    PATH: process.env['PATH'],
    BOT_TOKEN: tg.token,
    TELEGRAM_API_ROOT: tg.url,
    DATA_DIR: join(dir, 'data'),
    PORT: '0',
    PRICE_SEED: risingSeed(startedAt),
    REDIS_URL: process.env['REDIS_URL'],
  }
  const loader = path.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : []
  const child = spawn(process.execPath, [...loader, path], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const log: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => log.push(chunk.toString()))
  const isReady = () => log.join('').includes('"msg":"ready"')
  while (!isReady()) {
    if (child.exitCode !== null) throw new Error(`the bot stopped at its start:\n${log.join('')}`)
    await systemClock.sleep(20)
  }
  return { process: child, log }
}

/** Of many simulated markets, the one that rises the most while the demo holds something: a story with a happy end. */
function risingSeed(from: number): string {
  const [bought, sold] = [from + 16 * SECOND, from + 28 * SECOND]
  const rise = (seed: string) => walk(seed, 'BONK', sold) / walk(seed, 'BONK', bought)
  const seeds = Array.from({ length: 3000 }, (_, n) => `demo-${n}`)
  return seeds.map((seed) => ({ seed, by: rise(seed) })).reduce((a, b) => (b.by > a.by ? b : a)).seed
}

async function endBot(bot: Bot, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  if (bot.process.exitCode !== null) return bot.process.exitCode
  const ended = once(bot.process, 'exit')
  bot.process.kill(signal)
  const [code] = (await ended) as [number | null]
  return code
}

type Cast = {
  tg: Emulator
  group: Group
  tell: Tell
  alice: Person
  bob: Person
  carol: Person
  dave: Person
  erin: Person
}

/** Prints what happened since the last time, then a card that has changed meanwhile. */
type Tell = (changed?: ShownMessage) => void

function teller(group: Group): Tell {
  let told = 0
  return (changed) => {
    print(group.transcript(told))
    told = group.happenings
    if (changed) print(`  (the card now)\n${changed.text.replace(/^/gm, '  | ')}`)
  }
}

function assemble(tg: Emulator): Cast {
  const alice = tg.person('Alice', { username: 'alice' })
  const bob = tg.person('Bob', { username: 'bob' })
  const carol = tg.person('Carol', { username: 'carol' })
  const dave = tg.person('Dave', { username: 'dave' })
  const erin = tg.person('Erin')
  // A group id of its own, so that runs on one Redis do not meet.
  const group = tg.group('BONK holders', {
    id: -1_000_000_000_000 - randomInt(1, 2 ** 40),
    admins: [alice],
    members: [bob, carol, dave, erin],
  })
  return { tg, group, tell: teller(group), alice, bob, carol, dave, erin }
}

const expected = (what: string, holds: boolean): void => {
  if (!holds) throw new Error(`the demo went wrong: ${what}`)
}

async function cardWith({ tg, group }: Cast, text: string, withinMs = 10_000): Promise<ShownMessage> {
  const find = () => group.fromBot().find((message) => message.text.includes(text))
  await tg.until(() => find() !== undefined, { withinMs })
  return find()!
}

async function openVote(cast: Cast): Promise<ShownMessage> {
  const { group, tell, alice, bob } = cast
  await alice.says(group, '/create_session "Buy BONK token" 5')
  const session = await cardWith(cast, 'Buy BONK token')
  tell()
  for (const person of [alice, bob, cast.carol, cast.dave, cast.erin]) await person.taps(session, 'Join')
  await bob.says(group, '/propose "BUY token=BONK amount=0.05 price=market" 5')
  const card = await cardWith(cast, 'BUY BONK')
  tell()
  return card
}

async function everybodyVotes(cast: Cast, card: ShownMessage): Promise<void> {
  const { tg, tell, group, alice, bob, carol, dave, erin } = cast
  expected('a vote is acknowledged', (await alice.taps(card, 'Yes')).text === 'Counted: yes with 0.05 SOL')
  const spoken = await carol.says(group, '/vote yes 0.1')
  await tg.until(() => spoken.reactions().includes('👍'))
  expected('a larger stake is acknowledged', (await erin.taps(card, 'Yes 0.25')).text === 'Counted: yes with 0.25 SOL')
  await dave.taps(card, 'No')
  await bob.taps(card, 'Yes')
  await tg.until(() => card.text.includes('Everybody has voted'), { withinMs: 10_000 })
  group.note('Everybody has voted: ten more seconds in which votes may change')
  tell(card)
}

async function untilTheResult(cast: Cast, card: ShownMessage): Promise<void> {
  const { tg, group, tell } = cast
  await tg.until(() => card.text.includes('Approved'), { withinMs: 20_000 })
  const counted = '✅ Yes 3 · ❌ No 2 · did not vote 0'
  expected(`the result counts every vote: ${card.text}`, card.text.includes(counted) && card.text.includes('0.4 SOL'))
  tell(card)
  const notices = () => group.fromBot().filter((message) => message.text.includes('3 yes, 2 no'))
  await tg.until(() => notices().length > 0)
  expected('the result is announced once', notices().length === 1)
}

/** Answers the order's id. */
async function untilTheTrade(cast: Cast): Promise<string> {
  const { group, tell, dave, carol } = cast
  const order = await cardWith(cast, 'Bought')
  const id = /Order (\w+)/.exec(order.text)?.[1] ?? ''
  await carol.says(group, `/order ${id}`)
  await cardWith(cast, '0.05 + 0.1 + 0.25 = 0.4 SOL')
  await dave.says(group, '/portfolio')
  await answerWith(cast, 'What this group holds', order.id)
  tell()
  return id
}

async function untilTheSale(cast: Cast, order: string): Promise<void> {
  const { group, tell, alice, bob, carol, erin } = cast
  await carol.says(group, `/propose "SELL order=${order}" 5`)
  const card = await cardWith(cast, 'SELL')
  tell()
  expected('only holders vote on a sale', (await bob.taps(card, 'No')).alert)
  for (const person of [alice, carol, erin]) await person.taps(card, 'Yes')
  group.note('All who hold something of the order have voted')
  await cardWith(cast, 'Sold', 20_000)
  await erin.says(group, '/performance 24h')
  await answerWith(cast, 'Profit', card.id)
  await erin.says(group, '/portfolio')
  await answerWith(cast, 'What this group holds', card.id)
  tell()
}

/** An answer that came after a message, as soon as it is there. */
async function answerWith(
  { tg, group }: Cast,
  text: string,
  after: number,
  kind?: ShownMessage['kind'],
): Promise<void> {
  const isIt = (message: ShownMessage) =>
    message.id > after && message.text.includes(text) && (kind === undefined || message.kind === kind)
  await tg.until(() => group.fromBot().some(isIt), { withinMs: 10_000 })
}

/** Where they can be looked at. */
function savePictures({ group }: Cast): string[] {
  mkdirSync(PICTURES, { recursive: true })
  return group
    .fromBot()
    .filter((message) => message.kind === 'photo' && message.file)
    .map((message, index) => {
      const path = resolve(PICTURES, `${index + 1}.png`)
      writeFileSync(path, message.file!.bytes)
      return relative('.', path)
    })
}

async function play(dir: string): Promise<void> {
  const tg = await createEmulator({
    token: `${randomInt(1_000_000_000, 9_999_999_999)}:sandbox-only-token-of-the-demo-run`,
  })
  const cast = assemble(tg)
  const { group } = cast
  let bot = await startBot(tg, dir)
  try {
    const card = await openVote(cast)
    await everybodyVotes(cast, card)
    await endBot(bot, 'SIGKILL')
    group.note('The bot is killed without warning, in the middle of the vote')
    await cast.bob.says(group, '/vote no')
    group.note('The bot is started again')
    bot = await startBot(tg, dir)
    await untilTheResult(cast, card)
    await untilTheSale(cast, await untilTheTrade(cast))
    await cast.alice.says(group, '/close_session')
    await cardWith(cast, 'was closed by an admin')
    await tg.quiet()
    cast.tell()
    const pictures = savePictures(cast)
    expected('the results and the performance came with pictures', pictures.length === 3)
    print(`Pictures it sent: ${pictures.join(', ')}`)
    expected('the bot stops in order', (await endBot(bot, 'SIGTERM')) === 0)
  } catch (error) {
    process.stderr.write(`${bot.log.join('')}\n`)
    throw error
  } finally {
    cast.tell()
    await endBot(bot, 'SIGKILL')
    await tg.close()
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

const startedAt = systemClock.now()
const dir = mkdtempSync(join(tmpdir(), 'tradevote-demo-'))
const where = process.env['REDIS_URL'] ? 'live sessions in Redis' : 'the embedded store'
print(
  `tradevote sandbox: the real bot on ${where}, an emulated Telegram, simulated prices, play money. Half a minute.\n`,
)
try {
  await Promise.race([
    play(dir),
    systemClock.sleep(LIMIT_MS).then(() => Promise.reject(new Error('the demo took too long'))),
  ])
  print(`All of it went as it should, in ${Math.round((systemClock.now() - startedAt) / 1000)} seconds.`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}
process.exit()

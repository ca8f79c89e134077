import { afterAll, onTestFinished } from 'vitest'
import { type App, startApp } from '../../src/app.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createLog } from '../../src/lib/log.ts'
import { createPictures } from '../../src/pictures/create-pictures.ts'
import type { Pictures } from '../../src/pictures/pictures.ts'
import { createEmulator, type Emulator } from '../../src/sandbox/emulator.ts'
import type { Group } from '../../src/sandbox/groups.ts'
import type { Person } from '../../src/sandbox/people.ts'
import type { ShownMessage } from '../../src/sandbox/shown.ts'
import { createTestClock, type TestClock } from './clock.ts'
import { embeddedDir } from './embedded.ts'
import { freePort } from './port.ts'
import { removeDir } from './temporary.ts'

export type World = {
  tg: Emulator
  clock: TestClock
  app: App
  config: Config
  group: Group
  alice: Person
  bob: Person
  carol: Person
  dave: Person
  /** Everything the bot logged, as text. */
  logged(): string
  /** Lets everything that is under way or due come to rest; cards show the newest state. */
  rest(): Promise<void>
  /** Moves the time, and lets what became due happen. */
  pass(ms: number): Promise<void>
  /** Ends this bot as a host would, and starts another on the same stores. */
  restart(): Promise<void>
  /** The newest message of the bot in the group that contains the text. */
  card(text: string): ShownMessage
}

export type WorldOptions = {
  env?: Record<string, string>
  group?: { type?: 'group' | 'supergroup' }
  language?: 'en' | 'ru'
  /** Long polling unless given. */
  intake?: 'webhook'
  /** What is kept of the log; everything unless given. */
  logLevel?: string
}

/** A group of four people, of whom Alice is the admin, and a bot on the embedded store unless `env` says otherwise. */
export async function world(options: WorldOptions = {}): Promise<World> {
  const clock = createTestClock()
  const tg = await createEmulator({ clock })
  const dataDir = options.env?.['DATABASE_URL'] ? '' : await embeddedDir()
  const env = {
    BOT_TOKEN: tg.token,
    TELEGRAM_API_ROOT: tg.url,
    DATA_DIR: dataDir,
    PORT: '0',
    // Hours pass in tests, and the simulated prices with them.
    PRICE_BAND_PERCENT: '100',
    // Minutes of talk are one moment of a clock that stands still.
    CHAT_LIMIT: '0',
    ...(options.intake ? await webhookEnv() : {}),
    ...options.env,
  }
  const config = readConfig(env)
  if ('problems' in config) throw new Error(JSON.stringify(config.problems))
  const lines: string[] = []
  const log = createLog(options.logLevel ?? 'debug', config.secrets, { write: (line) => void lines.push(line) })
  const start = () => startApp(config, { clock, log, redisPatienceMs: 3000, pictures: picturesOfFile() })
  let app = await start()
  onTestFinished(async () => {
    await app.stop()
    await tg.close()
    if (dataDir) removeDir(dataDir)
  })
  const language = options.language ?? 'en'
  const alice = tg.person('Alice', { username: 'alice', language })
  const bob = tg.person('Bob', { username: 'bob', language })
  const carol = tg.person('Carol', { language })
  const dave = tg.person('Dave', { username: 'dave', language })
  const group = tg.group('Traders', { ...options.group, admins: [alice], members: [bob, carol, dave] })

  const rest = async () => {
    await tg.quiet()
    await app.settle()
    clock.advance(3100)
    await app.settle()
    await tg.quiet()
    // Real time passed meanwhile: nothing that it made due may be under way when a test lets hours pass at once.
    await app.settle()
  }
  return {
    tg,
    clock,
    get app() {
      return app
    },
    config,
    group,
    alice,
    bob,
    carol,
    dave,
    logged: () => lines.join(''),
    rest,
    async pass(ms) {
      clock.advance(ms)
      await rest()
    },
    async restart() {
      await app.stop()
      app = await start()
    },
    card(text) {
      const found = group.fromBot().findLast((message) => message.text.includes(text))
      if (!found) throw new Error(`the bot shows nothing with “${text}”:\n${group.transcript()}`)
      return found
    },
  }
}

/** Alice opens a session that these people join. */
export async function opensSession(
  it: World,
  people: Person[],
  command = '/create_session "Buy BONK token" 5',
): Promise<ShownMessage> {
  await it.alice.says(it.group, command)
  await it.rest()
  const card = it.card('trading session')
  for (const person of people) await person.taps(card, 'Join')
  await it.rest()
  return card
}

/** The person proposes in the short form; answers the card. */
export async function proposes(it: World, person: Person, trade: string): Promise<ShownMessage> {
  await person.says(it.group, `/propose ${trade}`)
  await it.rest()
  return it.card(`BUY ${trade.split(' ')[1]}`)
}

let pictures: Pictures | undefined

/** One worker draws for all the worlds of a file: starting one takes longer than most tests. */
function picturesOfFile(): Pictures {
  pictures ??= createPictures({ clock: systemClock, log: createLog('silent', []) })
  return pictures
}

afterAll(() => pictures?.close())

async function webhookEnv(): Promise<Record<string, string>> {
  const port = await freePort()
  return {
    PORT: String(port),
    WEBHOOK_URL: `http://127.0.0.1:${port}`,
    WEBHOOK_SECRET: 'a-secret-of-at-least-32-characters',
  }
}

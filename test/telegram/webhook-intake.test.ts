import { Telegraf } from 'telegraf'
import { expect, onTestFinished, test } from 'vitest'
import { SECOND } from '../../src/lib/clock.ts'
import { createLog } from '../../src/lib/log.ts'
import { silent } from '../../src/metrics/telemetry.ts'
import { createEmulator } from '../../src/sandbox/emulator.ts'
import { createBotApi } from '../../src/telegram/bot-api.ts'
import { createWebhookIntake } from '../../src/telegram/webhook-intake.ts'
import { createTestClock } from '../support/clock.ts'

const URL_OF_OURS = 'https://Bot.example:443/telegram/webhook'
const SECRET = 'a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4'

async function receiving() {
  const clock = createTestClock()
  const tg = await createEmulator({ clock })
  const lines: string[] = []
  const log = createLog('debug', [], { write: (line: string) => void lines.push(line) })
  const telegraf = new Telegraf(tg.token, { telegram: { apiRoot: tg.url } })
  const api = createBotApi(telegraf.telegram, { clock, telemetry: silent })
  const it = { gaps: 0 }
  const intake = createWebhookIntake({
    api,
    patience: { clock, log, signal: new AbortController().signal },
    url: URL_OF_OURS,
    secret: SECRET,
    onGap: () => {
      it.gaps += 1
    },
  })
  onTestFinished(async () => {
    await intake.stop('properly')
    await tg.close()
  })
  const call = (method: string) => fetch(`${tg.url}/bot${tg.token}/${method}`)
  const looks = () => tg.callsOf('getWebhookInfo').length
  /** Until it has looked at its webhook once more, and done what follows. */
  const nextLook = async () => {
    const before = looks()
    clock.advance(15 * SECOND)
    await tg.until(() => looks() > before)
    await tg.quiet()
  }
  const sets = () => tg.callsOf('setWebhook').filter((one) => one.params['url'] === URL_OF_OURS)
  return Object.assign(it, { tg, clock, intake, call, nextLook, sets, logged: () => lines.join('') })
}

test('tells Telegram where to deliver, and leaves it alone while that stands', async () => {
  const it = await receiving()
  await it.intake.start()
  expect(it.sets()[0]?.params).toMatchObject({ secret_token: SECRET, max_connections: 100 })
  await it.nextLook()
  await it.nextLook()
  expect([it.sets().length, it.gaps, it.intake.hindrance]).toEqual([1, 0, undefined])
})

test.each(['deleteWebhook', 'setWebhook?url=https://other.example/telegram/webhook'])(
  'tells it again after %s by somebody else, and that updates may have waited',
  async (deed) => {
    const it = await receiving()
    await it.intake.start()
    await it.call(deed)
    await it.nextLook()
    expect([it.sets().length, it.gaps]).toEqual([2, 1])
    expect(it.logged()).toContain('somebody removed or changed the webhook')
    await it.nextLook()
    expect([it.sets().length, it.gaps, it.intake.hindrance]).toEqual([2, 1, undefined])
  },
)

test('goes on looking while Telegram is away, and says what is the matter while it cannot be mended', async () => {
  const it = await receiving()
  await it.intake.start()
  await it.call('deleteWebhook')
  it.tg.faults.badGateway({ method: 'getWebhookInfo', times: 1 })
  await it.nextLook()
  expect([it.sets().length, it.gaps]).toEqual([1, 0])
  it.tg.faults.badGateway({ method: 'setWebhook', times: 1 })
  await it.nextLook()
  expect([it.gaps, it.intake.hindrance]).toEqual([0, 'Telegram was told to deliver elsewhere'])
  await it.nextLook()
  expect([it.gaps, it.intake.hindrance]).toEqual([1, undefined])
})

test('a stop in the middle of a look ends it', async () => {
  const it = await receiving()
  await it.intake.start()
  it.tg.faults.slow(60_000, { method: 'getWebhookInfo' })
  it.clock.advance(15 * SECOND)
  await it.tg.until(() => it.tg.callsOf('getWebhookInfo').length === 1)
  await it.intake.stop('properly')
})

import { describe, expect, test } from 'vitest'
import { Unavailable } from '../../src/lib/errors.ts'
import { createLog } from '../../src/lib/log.ts'
import { silent } from '../../src/metrics/telemetry.ts'
import { createAdmins } from '../../src/telegram/admins.ts'
import { type BotApi, Refused } from '../../src/telegram/bot-api.ts'
import { createGroupLanguages } from '../../src/telegram/group-languages.ts'
import { createTestClock } from '../support/clock.ts'

const quiet = () => createLog('fatal', [], { write: () => undefined })

/** Telegram, answering each question about a member as the script says. */
function asking(...script: (string | Error)[]) {
  const clock = createTestClock()
  const asked: unknown[] = []
  const api: BotApi = async <T>(method: string, params: object, limits?: object) => {
    asked.push({ method, params, limits })
    const answer = script.shift()
    if (answer === undefined) throw new Error('asked too often')
    if (answer instanceof Error) throw answer
    return { status: answer } as T
  }
  return { admins: createAdmins(api, clock, quiet()), asked, clock }
}

describe('the rights of a member', () => {
  test.each([
    ['creator', 'admin'],
    ['administrator', 'admin'],
    ['member', 'member'],
    ['restricted', 'member'],
    ['left', 'member'],
    ['kicked', 'member'],
    [new Unavailable('no answer'), 'unknown'],
    [new Refused('getChatMember', 400, 'Bad Request: user not found', undefined), 'member'],
    [new Refused('getChatMember', 403, 'Forbidden: bot was kicked', undefined), 'unknown'],
  ])('told as %s: %s', async (answer, rights) => {
    const { admins, asked } = asking(answer)
    expect(await admins.rightsOf(-100, 7)).toBe(rights)
    expect(asked).toEqual([
      { method: 'getChatMember', params: { chat_id: -100, user_id: 7 }, limits: { timeoutMs: 3000 } },
    ])
  })

  test('of an admin are trusted for a short while, of nobody else', async () => {
    const { admins, clock } = asking('administrator', 'member', 'member', 'administrator')
    expect(await admins.rightsOf(-100, 7)).toBe('admin')
    expect(await admins.rightsOf(-100, 7)).toBe('admin')
    clock.advance(15_001)
    expect(await admins.rightsOf(-100, 7)).toBe('member')
    expect(await admins.rightsOf(-100, 7)).toBe('member')
    expect(await admins.rightsOf(-100, 7)).toBe('admin')
  })

  test('are asked again when they may have changed, in that chat only', async () => {
    const { admins, asked } = asking('administrator', 'administrator', 'member')
    await admins.rightsOf(-100, 7)
    await admins.rightsOf(-1001, 7)
    admins.forget(-100)
    expect(await admins.rightsOf(-1001, 7)).toBe('admin')
    expect(await admins.rightsOf(-100, 7)).toBe('member')
    expect(asked).toHaveLength(3)
  })
})

type Found = Awaited<ReturnType<Parameters<typeof createGroupLanguages>[0]['groups']['find']>>

test('the language of a group is remembered for a while, and kept while the database is away', async () => {
  const clock = createTestClock()
  let isAway = false
  let language = 'ru'
  let asked = 0
  const find = async (): Promise<Found> => {
    asked += 1
    if (isAway) throw new Unavailable('away')
    return { id: 'group', language } as Found
  }
  const groups = { find } as unknown as Parameters<typeof createGroupLanguages>[0]['groups']
  const languages = createGroupLanguages({ groups, clock, log: quiet(), telemetry: silent })
  expect([await languages.of(-100), await languages.of(-100), asked]).toEqual(['ru', 'ru', 1])
  language = 'en'
  languages.forget(-100)
  expect(await languages.of(-100)).toBe('en')
  isAway = true
  clock.advance(30_001)
  expect(await languages.of(-100)).toBe('en')
  expect(await languages.of(-200)).toBeUndefined()
})

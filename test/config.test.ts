import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Config, readConfig, variables } from '../src/config.ts'

const TOKEN = '123456789:AAEabcdefghijklmnopqrstuvwxyz'
const SECRET = 'a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4'
type Env = Record<string, string | undefined>

const configOf = (env: Env): Config => {
  const config = readConfig({ BOT_TOKEN: TOKEN, ...env })
  if ('problems' in config) throw new Error(JSON.stringify(config.problems))
  return config
}

const problemsOf = (env: Env): Record<string, string> => {
  const config = readConfig({ BOT_TOKEN: TOKEN, ...env })
  if (!('problems' in config)) throw new Error('nothing wrong was found')
  const names = config.problems.map((one) => one.name)
  expect(new Set(names).size).toBe(names.length)
  return Object.fromEntries(config.problems.map((one) => [one.name, one.problem]))
}

function file(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'tradevote-config-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const path = join(dir, 'secret')
  writeFileSync(path, text)
  return path
}

const RECEIVER = {
  EXECUTOR: 'webhook',
  ALLOWED_GROUPS: '-1001234567890',
  EXECUTOR_WEBHOOK_URL: 'https://trader.example/orders',
  EXECUTOR_WEBHOOK_SECRET: `whsec_${Buffer.from(SECRET).toString('base64')}`,
  PRICES: 'simulated',
}
const ACCOUNT = {
  EXECUTOR: 'ccxt',
  ALLOWED_GROUPS: 'all',
  EXCHANGE: 'binance',
  EXCHANGE_PAIRS: 'BONK=BONK/SOL,WIF=WIF/SOL',
  EXCHANGE_API_KEY: 'the-key-of-the-account',
  EXCHANGE_SECRET: 'the-secret-of-the-key',
}

describe('what is set', () => {
  test('a token alone is enough', () => {
    expect(configOf({})).toEqual({
      botToken: TOKEN,
      telegramApiRoot: 'https://api.telegram.org',
      intake: { kind: 'polling' },
      http: { host: '127.0.0.1', port: 3000 },
      redis: undefined,
      redisFallback: 'none',
      database: { kind: 'embedded', dataDir: './data' },
      dataDir: './data',
      sessionLifetimeMinutes: 1440,
      quoteCurrency: 'SOL',
      stake: { least: 0.001, most: 1 },
      trading: {
        executor: { kind: 'paper', balance: '10', feePercent: '0.1', slippagePercent: '0.1' },
        prices: { kind: 'simulated', seed: 'tradevote' },
        exchange: undefined,
        groups: undefined,
        perTrade: undefined,
        perDay: undefined,
        tokens: undefined,
        bandPercent: '5',
        delayMs: 0,
      },
      shares: { person: 60, chat: 20 },
      adminToken: undefined,
      logLevel: 'info',
      secrets: [TOKEN],
    })
  })

  test('an executor that moves real money waits half a minute, and begins in the sandbox', () => {
    const { trading, secrets } = configOf({ ...ACCOUNT, MAX_TRADE: '0.5', ALLOWED_TOKENS: 'BONK, WIF' })
    expect(trading).toMatchObject({
      executor: { kind: 'ccxt' },
      prices: { kind: 'ccxt' },
      exchange: { id: 'binance', sandbox: true, pairs: { BONK: 'BONK/SOL', WIF: 'WIF/SOL' } },
      perTrade: '0.5',
      tokens: ['BONK', 'WIF'],
      delayMs: 30_000,
    })
    expect(secrets).toEqual([TOKEN, 'the-key-of-the-account', 'the-secret-of-the-key'])
    expect(configOf({ ...RECEIVER, EXECUTION_DELAY_SECONDS: '0' }).trading).toMatchObject({
      delayMs: 0,
      groups: [-1001234567890],
    })
  })

  test('paper trading at public prices needs no account', () => {
    const env = { PRICES: 'ccxt', EXCHANGE: 'binance', EXCHANGE_PAIRS: 'BONK=BONK/SOL' }
    expect(configOf(env).trading).toMatchObject({ executor: { kind: 'paper' }, exchange: { credentials: undefined } })
  })

  test('empty values count as unset', () => {
    const empty = Object.fromEntries(Object.keys(variables).map((name) => [name, '  ']))
    expect(configOf({ ...empty, BOT_TOKEN: ` ${TOKEN}\n` })).toEqual(configOf({}))
    expect(configOf({ BOT_TOKEN_FILE: '', REDIS_URL_FILE: ' ' })).toEqual(configOf({}))
  })

  test.each([
    [{ REDIS_URL: 'rediss://u:p4ssword@h:1/2' }, { redis: { kind: 'single', url: 'rediss://u:p4ssword@h:1/2' } }],
    [{ REDIS_CLUSTER_NODES: 'a:1, b:2' }, { redis: { kind: 'cluster', nodes: ['a:1', 'b:2'] } }],
    [
      { REDIS_SENTINELS: 'a:1,b:2', REDIS_SENTINEL_NAME: 'main' },
      {
        redis: {
          kind: 'sentinel',
          name: 'main',
          sentinels: [
            { host: 'a', port: 1 },
            { host: 'b', port: 2 },
          ],
        },
      },
    ],
    [
      { REDIS_CLUSTER_NODES: 'a:1', REDIS_USERNAME: 'bot', REDIS_PASSWORD: 'hunter22', REDIS_TLS: 'yes' },
      { redis: { kind: 'cluster', nodes: ['a:1'], username: 'bot', password: 'hunter22', tls: true } },
    ],
    [{ DATABASE_URL: 'postgres://h/db' }, { database: { kind: 'postgres', url: 'postgres://h/db' } }],
    [
      { WEBHOOK_URL: 'https://bot.example/', WEBHOOK_SECRET: SECRET },
      { intake: { kind: 'webhook', url: 'https://bot.example', secret: SECRET } },
    ],
    [{ TELEGRAM_API_ROOT: 'http://localhost:8081/' }, { telegramApiRoot: 'http://localhost:8081' }],
    [
      { SESSION_TTL_HOURS: '1.5', PORT: '0' },
      { sessionLifetimeMinutes: 90, http: { port: 0 } },
    ],
    [{ PERSON_LIMIT: '0', CHAT_LIMIT: '10' }, { shares: { person: 0, chat: 10 } }],
    [{ MIN_STAKE: '0.000000001', MAX_STAKE: '1000000' }, { stake: { least: 1e-9, most: 1_000_000 } }],
  ])('%j', (env, config) => expect(configOf(env)).toMatchObject(config))

  test('secrets may be files', () => {
    const config = configOf({
      BOT_TOKEN: undefined,
      BOT_TOKEN_FILE: file(`${TOKEN}\n`),
      ADMIN_TOKEN_FILE: file(SECRET),
    })
    expect(config).toMatchObject({ botToken: TOKEN, adminToken: SECRET })
    expect(config.secrets).toEqual([TOKEN, SECRET])
  })

  test.each([
    ['redis://:p%40ssw0rd@h', ['p%40ssw0rd', 'p@ssw0rd']],
    ['redis://:100%pure@h', ['100%pure']],
  ])('the password in %s is a secret, in every form', (url, passwords) => {
    expect(configOf({ REDIS_URL: url }).secrets).toEqual(expect.arrayContaining(passwords))
  })

  test('so is one given apart, also as a file', () => {
    const config = configOf({ REDIS_CLUSTER_NODES: 'a:1', REDIS_PASSWORD_FILE: file('hunter22\n') })
    expect(config.secrets).toContain('hunter22')
  })

  test('so is one among the parameters of a database', () => {
    expect(configOf({ DATABASE_URL: 'postgres://h/db?user=u&password=hunter22' }).secrets).toContain('hunter22')
  })
})

describe('what is wrong', () => {
  test('a missing token says where it comes from', () => {
    expect(problemsOf({ BOT_TOKEN: undefined })).toEqual({
      BOT_TOKEN: 'is missing; it should be the token that @BotFather gave you',
    })
  })

  test('everything is reported at once, by name and with what it should be', () => {
    const problems = problemsOf({
      BOT_TOKEN: 'token',
      TELEGRAM_API_ROOT: 'telegram',
      WEBHOOK_URL: 'ftp://bot.example',
      PORT: '65536',
      REDIS_URL: 'http://h',
      REDIS_SENTINELS: 'a,b',
      REDIS_FALLBACK: 'memory',
      DATABASE_URL: 'mysql://h',
      SESSION_TTL_HOURS: '0',
      PERSON_LIMIT: '-1',
      CHAT_LIMIT: '1.5',
      QUOTE_CURRENCY: 'US DOLLARS',
      MIN_STAKE: '1e-3',
      MAX_STAKE: '-1',
      EXECUTOR: 'magic',
      ADMIN_TOKEN: 'short',
      LOG_LEVEL: 'loud',
    })
    expect(problems).toMatchObject({
      BOT_TOKEN: 'should look like 123456789:AAE..., as @BotFather gave it',
      TELEGRAM_API_ROOT: 'should be a URL that starts with https:// or http://',
      WEBHOOK_URL: 'should be a URL that starts with https:// or http://',
      WEBHOOK_SECRET: expect.stringContaining('is missing'),
      PORT: 'should be a whole number from 0 to 65535',
      REDIS_URL: 'should be a URL that starts with redis:// or rediss://',
      REDIS_SENTINELS: 'should be a list such as host1:6379,host2:6379',
      REDIS_SENTINEL_NAME: expect.stringContaining('is missing'),
      REDIS_FALLBACK: 'should be none or embedded',
      DATABASE_URL: 'should be a URL that starts with postgres:// or postgresql://',
      SESSION_TTL_HOURS: expect.stringContaining('from 1 to 144'),
      PERSON_LIMIT: expect.stringContaining('whole number from 0 to 100000'),
      CHAT_LIMIT: expect.stringContaining('whole number from 0 to 100000'),
      QUOTE_CURRENCY: 'should be a short name such as SOL or USDT',
      MIN_STAKE: expect.stringContaining('should be a plain number'),
      MAX_STAKE: expect.stringContaining('should be a plain number'),
      EXECUTOR: 'should be paper, webhook or ccxt',
      ADMIN_TOKEN: 'should be at least 16 characters',
      LOG_LEVEL: 'should be fatal, error, warn, info, debug or trace',
    })
    expect(Object.keys(problems)).toHaveLength(19)
  })

  test.each([
    [{ WEBHOOK_URL: 'https://bot.example' }, 'WEBHOOK_SECRET'],
    [{ WEBHOOK_URL: 'https://bot.example', WEBHOOK_SECRET: 'short' }, 'WEBHOOK_SECRET'],
    [{ WEBHOOK_URL: 'http://bot.example', WEBHOOK_SECRET: SECRET }, 'WEBHOOK_URL'],
    [{ MIN_STAKE: '2' }, 'MIN_STAKE'],
    [{ MAX_STAKE: '0.0001' }, 'MAX_STAKE'],
    [{ REDIS_URL: 'redis://h', REDIS_CLUSTER_NODES: 'a:1' }, 'REDIS_URL'],
    [{ REDIS_SENTINELS: 'a:1' }, 'REDIS_SENTINEL_NAME'],
    [{ REDIS_FALLBACK: 'embedded' }, 'REDIS_FALLBACK'],
    [{ REDIS_URL: 'redis://h', REDIS_PASSWORD: 'hunter22' }, 'REDIS_PASSWORD'],
    [{ REDIS_TLS: 'yes' }, 'REDIS_TLS'],
    [{ REDIS_FALLBACK: 'embedded', REDIS_URL: 'h' }, 'REDIS_URL'],
    [{ BOT_TOKEN_FILE: '/nowhere/at/all', BOT_TOKEN: undefined }, 'BOT_TOKEN_FILE'],
    [{ ADMIN_TOKEN_FILE: '/nowhere/at/all' }, 'ADMIN_TOKEN_FILE'],
    [{ WEBHOOK_URL: 'https://bot.example', WEBHOOK_SECRET_FILE: '/nowhere/at/all' }, 'WEBHOOK_SECRET_FILE'],
    [{ PRICES: 'real' }, 'PRICES'],
    [{ ...RECEIVER, ALLOWED_GROUPS: undefined }, 'ALLOWED_GROUPS'],
    [{ ...ACCOUNT, ALLOWED_GROUPS: '12345' }, 'ALLOWED_GROUPS'],
    [{ PRICE_BAND_PERCENT: '0' }, 'PRICE_BAND_PERCENT'],
    [{ ALLOWED_TOKENS: 'BONK,,WIF' }, 'ALLOWED_TOKENS'],
    [{ EXECUTION_DELAY_SECONDS: '1.5' }, 'EXECUTION_DELAY_SECONDS'],
    [{ ...RECEIVER, EXECUTOR_WEBHOOK_URL: undefined }, 'EXECUTOR_WEBHOOK_URL'],
    [{ ...RECEIVER, EXECUTOR_WEBHOOK_URL: 'http://trader.example' }, 'EXECUTOR_WEBHOOK_URL'],
    [{ ...RECEIVER, EXECUTOR_WEBHOOK_SECRET: undefined }, 'EXECUTOR_WEBHOOK_SECRET'],
    [{ ...RECEIVER, EXECUTOR_WEBHOOK_SECRET: 'whsec_c2hvcnQ=' }, 'EXECUTOR_WEBHOOK_SECRET'],
    [{ ...ACCOUNT, EXCHANGE: undefined }, 'EXCHANGE'],
    [{ ...ACCOUNT, EXCHANGE_PAIRS: 'BONK' }, 'EXCHANGE_PAIRS'],
    [{ ...ACCOUNT, EXCHANGE_PAIRS: 'BONK=BONK/USDT' }, 'EXCHANGE_PAIRS'],
    [{ ...ACCOUNT, EXCHANGE_API_KEY: undefined }, 'EXCHANGE_API_KEY'],
    [{ ...ACCOUNT, EXCHANGE_SECRET: undefined }, 'EXCHANGE_SECRET'],
    [{ ...ACCOUNT, PRICES: 'simulated' }, 'PRICES'],
  ])('%j is one problem, of %s', (env, name) => expect(Object.keys(problemsOf(env))).toEqual([name]))

  test('a secret given twice', () => {
    expect(problemsOf({ BOT_TOKEN_FILE: file(TOKEN) })).toEqual({
      BOT_TOKEN_FILE: 'is set together with BOT_TOKEN; set only one',
    })
  })

  test('an empty file is no secret', () => {
    expect(Object.keys(problemsOf({ BOT_TOKEN: undefined, BOT_TOKEN_FILE: file('\n') }))).toEqual(['BOT_TOKEN'])
  })

  test('a webhook over plain http is for an API server of one’s own', () => {
    const env = { WEBHOOK_URL: 'http://127.0.0.1:1', WEBHOOK_SECRET: SECRET, TELEGRAM_API_ROOT: 'http://127.0.0.1:2' }
    expect(configOf(env).intake.kind).toBe('webhook')
  })

  test('no message repeats a secret', () => {
    const bad = 'hunter2-is-no-good'
    const env = Object.fromEntries(
      ['BOT_TOKEN', 'WEBHOOK_SECRET', 'REDIS_URL', 'DATABASE_URL', 'ADMIN_TOKEN'].map((name) => [name, `${bad} !`]),
    )
    for (const given of [
      env,
      { ...env, ADMIN_TOKEN: '!hunter2' },
      { REDIS_URL: `redis://:${bad}@h`, REDIS_SENTINELS: 'a' },
    ])
      expect(JSON.stringify(problemsOf(given))).not.toContain('hunter2')
  })
})

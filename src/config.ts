import { readFileSync } from 'node:fs'
import { config as readDotenv } from 'dotenv'
import { z } from 'zod'
import { formatAmount, LARGEST_AMOUNT } from './domain/amount.ts'
import { SECOND } from './domain/time.ts'

export type RedisConfig =
  | { kind: 'single'; url: string }
  | ({ kind: 'cluster'; nodes: string[] } & RedisCredentials)
  | ({ kind: 'sentinel'; sentinels: { host: string; port: number }[]; name: string } & RedisCredentials)

/** Of Cluster and Sentinel; a single server's are in its URL. */
export type RedisCredentials = { username?: string; password?: string; tls?: boolean }

export type DatabaseConfig = { kind: 'postgres'; url: string } | { kind: 'embedded'; dataDir: string }

export type Intake = { kind: 'polling' } | { kind: 'webhook'; url: string; secret: string }

export type ExecutorConfig =
  /** Play money: what each member begins with, and what a trade costs them, in percent. */
  | { kind: 'paper'; balance: string; feePercent: string; slippagePercent: string }
  /** Orders are sent, signed, to software of the group's own. */
  | { kind: 'webhook'; url: string; secret: string; allowPrivate: boolean }
  | { kind: 'ccxt' }

export type ExchangeConfig = {
  /** As ccxt calls it. */
  id: string
  /** In place of the exchange's own address. */
  url: string | undefined
  sandbox: boolean
  /** Symbols by token. */
  pairs: Record<string, string>
  /** Only trading needs them; public prices do not. */
  credentials: { apiKey: string; secret: string; password: string | undefined } | undefined
}

export type TradingConfig = {
  executor: ExecutorConfig
  prices: { kind: 'simulated'; seed: string } | { kind: 'ccxt' }
  /** Where the executor or the prices are an exchange's. */
  exchange: ExchangeConfig | undefined
  perTrade: string | undefined
  perDay: string | undefined
  tokens: string[] | undefined
  bandPercent: string
  delayMs: number
}

export type Config = {
  botToken: string
  telegramApiRoot: string
  intake: Intake
  http: { host: string; port: number }
  /** Live sessions are in Redis, or in the database where there is none. */
  redis: RedisConfig | undefined
  redisFallback: 'none' | 'embedded'
  database: DatabaseConfig
  /** Where the embedded database is, or would be. */
  dataDir: string
  sessionLifetimeMinutes: number
  quoteCurrency: string
  stake: { least: number; most: number }
  trading: TradingConfig
  adminToken: string | undefined
  logLevel: string
  /** Everything that must never be written to a log. */
  secrets: string[]
}

export type ConfigProblem = { name: string; problem: string }

/** Variables that can also be given as a file's path, under the same name with `_FILE`. */
const SECRETS = [
  'BOT_TOKEN',
  'WEBHOOK_SECRET',
  'REDIS_URL',
  'REDIS_PASSWORD',
  'DATABASE_URL',
  'ADMIN_TOKEN',
  'EXECUTOR_WEBHOOK_SECRET',
  'EXCHANGE_API_KEY',
  'EXCHANGE_SECRET',
  'EXCHANGE_PASSWORD',
] as const

const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `should be a URL that starts with ${protocols.map((one) => `${one}//`).join(' or ')}`,
  })

const number = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d+(\.\d{1,9})?$/.test(text) && Number(text) >= least && Number(text) <= most, {
      message: `should be a plain number from ${formatAmount(least)} to ${most}, with at most 9 decimals`,
    })
    .transform(Number)

/** A number that is money or a percentage stays the text that it is: it is never calculated with as a float. */
const decimal = (least: number, most: number) => number(least, most).transform(formatAmount)

const integer = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most, {
      message: `should be a whole number from ${least} to ${most}`,
    })
    .transform(Number)

const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) =>
  z.enum(values, { error: `should be ${values.join(', ').replace(/, ([^,]*)$/, ' or $1')}` })

const hostPorts = z
  .string()
  .refine((text) => text.split(',').every((one) => /^[^\s:]+:\d{1,5}$/.test(one.trim())), {
    message: 'should be a list such as host1:6379,host2:6379',
  })
  .transform((text) => text.split(',').map((one) => one.trim()))

/** No secret of Standard Webhooks is shorter than 24 bytes. */
const signingSecret = z.string().refine((text) => Buffer.from(text.replace(/^whsec_/, ''), 'base64').length >= 24, {
  message: 'should be whsec_ and at least 24 random bytes in base64, as made by: openssl rand -base64 32',
})

const tokenList = z
  .string()
  .refine((text) => text.split(',').every((one) => /^[^\s=,]{1,64}$/.test(one.trim())), {
    message: 'should be a list of tokens such as BONK,WIF',
  })
  .transform((text) => [...new Set(text.split(',').map((one) => one.trim()))])

const pairList = z
  .string()
  .refine((text) => text.split(',').every((one) => /^[^\s=,]{1,64}=[^\s=,]{1,64}$/.test(one.trim())), {
    message: 'should be a list of tokens with their pairs such as BONK=BONK/USDT,WIF=WIF/USDT',
  })
  .transform((text) => Object.fromEntries(text.split(',').map((one) => one.trim().split('=') as [string, string])))

/** One entry a variable; the test that holds the docs to the code reads its keys. */
export const variables = {
  BOT_TOKEN: z
    .string({ error: 'is missing; it should be the token that @BotFather gave you' })
    .regex(/^\d+:[A-Za-z0-9_-]{20,}$/, 'should look like 123456789:AAE..., as @BotFather gave it'),
  TELEGRAM_API_ROOT: url('https:', 'http:').default('https://api.telegram.org'),
  WEBHOOK_URL: url('https:', 'http:').optional(),
  WEBHOOK_SECRET: z
    .string()
    .regex(/^[A-Za-z0-9_-]{32,256}$/, 'should be 32 to 256 letters, digits, _ or -')
    .optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: integer(0, 65_535).default(3000),
  REDIS_URL: url('redis:', 'rediss:').optional(),
  REDIS_CLUSTER_NODES: hostPorts.optional(),
  REDIS_SENTINELS: hostPorts.optional(),
  REDIS_SENTINEL_NAME: z.string().optional(),
  REDIS_USERNAME: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
  REDIS_TLS: oneOf('yes', 'no').default('no'),
  REDIS_FALLBACK: oneOf('none', 'embedded').default('none'),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  DATA_DIR: z.string().default('./data'),
  SESSION_TTL_HOURS: number(1, 144).default(24),
  QUOTE_CURRENCY: z
    .string()
    .regex(/^[^\s<>&]{1,12}$/, 'should be a short name such as SOL or USDT')
    .default('SOL'),
  MIN_STAKE: number(0.000000001, LARGEST_AMOUNT).default(0.001),
  MAX_STAKE: number(0.000000001, LARGEST_AMOUNT).default(1),
  EXECUTOR: oneOf('paper', 'webhook', 'ccxt').default('paper'),
  PRICES: oneOf('simulated', 'ccxt').optional(),
  PRICE_SEED: z.string().max(200, 'should be at most 200 characters').default('tradevote'),
  PRICE_BAND_PERCENT: decimal(0.1, 100).default('5'),
  MAX_TRADE: decimal(0.000000001, LARGEST_AMOUNT).optional(),
  MAX_DAY: decimal(0.000000001, LARGEST_AMOUNT).optional(),
  ALLOWED_TOKENS: tokenList.optional(),
  EXECUTION_DELAY_SECONDS: integer(0, 3600).optional(),
  PAPER_BALANCE: decimal(0.000000001, LARGEST_AMOUNT).default('10'),
  PAPER_FEE_PERCENT: decimal(0, 50).default('0.1'),
  PAPER_SLIPPAGE_PERCENT: decimal(0, 50).default('0.1'),
  EXECUTOR_WEBHOOK_URL: url('https:', 'http:').optional(),
  EXECUTOR_WEBHOOK_SECRET: signingSecret.optional(),
  EXECUTOR_WEBHOOK_PRIVATE: oneOf('yes', 'no').default('no'),
  EXCHANGE: z
    .string()
    .regex(/^[a-z0-9]{2,30}$/, 'should be the name of an exchange as ccxt has it, such as binance')
    .optional(),
  EXCHANGE_URL: url('https:', 'http:').optional(),
  EXCHANGE_SANDBOX: oneOf('yes', 'no').default('yes'),
  EXCHANGE_PAIRS: pairList.optional(),
  EXCHANGE_API_KEY: z.string().optional(),
  EXCHANGE_SECRET: z.string().optional(),
  EXCHANGE_PASSWORD: z.string().optional(),
  ADMIN_TOKEN: z.string().min(16, 'should be at least 16 characters').optional(),
  LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace').default('info'),
} as const

type Values = z.infer<z.ZodObject<typeof variables>>
type Given = Partial<Record<keyof typeof variables, string>>

/** The environment, with `.env` of the working directory for what it does not set. */
export function loadConfig(): Config | { problems: ConfigProblem[] } {
  readDotenv({ quiet: true })
  return readConfig(process.env)
}

/** Reads the environment once. Every bad variable is reported, each by its name and with what it should be. */
export function readConfig(env: Record<string, string | undefined>): Config | { problems: ConfigProblem[] } {
  const { given, problems } = gather(env)
  const parsed = z.object(variables).safeParse(given)
  const add = (name: string, problem: string) => {
    if (!problems.some((one) => one.name === name || one.name === `${name}_FILE`)) problems.push({ name, problem })
  }
  for (const issue of parsed.error?.issues ?? []) add(String(issue.path[0]), issue.message)
  for (const { name, problem } of combinationProblems(given)) add(name, problem)
  if (!parsed.success || problems.length > 0) return { problems }
  return toConfig(parsed.data)
}

/** An empty value counts as none, as `.env` files are filled in. */
function gather(env: Record<string, string | undefined>) {
  const problems: ConfigProblem[] = []
  const given: Given = {}
  for (const name of Object.keys(variables) as (keyof Given)[]) {
    const value = env[name]?.trim()
    if (value) given[name] = value
  }
  for (const name of SECRETS) {
    const path = env[`${name}_FILE`]?.trim()
    if (!path) continue
    if (given[name]) problems.push({ name: `${name}_FILE`, problem: `is set together with ${name}; set only one` })
    try {
      given[name] = readFileSync(path, 'utf8').trim()
    } catch {
      problems.push({ name: `${name}_FILE`, problem: 'should be the path of a file that can be read' })
      given[name] ??= ''
    }
  }
  return { given, problems }
}

/** What does not go together, whether or not each is right by itself. */
function combinationProblems(given: Given): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const add = (name: string, problem: string) => problems.push({ name, problem })
  if (given.WEBHOOK_URL && given.WEBHOOK_SECRET === undefined)
    add('WEBHOOK_SECRET', 'is missing; with WEBHOOK_URL it should be 32 or more random letters and digits')
  if (
    given.WEBHOOK_URL?.startsWith('http:') &&
    /^(https:\/\/api\.telegram\.org\/*)?$/.test(given.TELEGRAM_API_ROOT ?? '')
  )
    add('WEBHOOK_URL', 'should start with https://, which Telegram asks for')
  const least = variables.MIN_STAKE.safeParse(given.MIN_STAKE).data ?? 0
  const most = variables.MAX_STAKE.safeParse(given.MAX_STAKE).data ?? Number.POSITIVE_INFINITY
  if (least > most)
    if (given.MIN_STAKE) add('MIN_STAKE', `should not be above MAX_STAKE (${most})`)
    else add('MAX_STAKE', `should not be below MIN_STAKE (${least})`)
  const redis = [given.REDIS_URL, given.REDIS_CLUSTER_NODES, given.REDIS_SENTINELS].filter((one) => one !== undefined)
  if (redis.length > 1) add('REDIS_URL', 'should be the only one of REDIS_URL, REDIS_CLUSTER_NODES and REDIS_SENTINELS')
  if (given.REDIS_SENTINELS && !given.REDIS_SENTINEL_NAME)
    add('REDIS_SENTINEL_NAME', 'is missing; with REDIS_SENTINELS it should be the name of the monitored master')
  if (!given.REDIS_CLUSTER_NODES && !given.REDIS_SENTINELS)
    for (const name of ['REDIS_USERNAME', 'REDIS_PASSWORD', 'REDIS_TLS'] as const)
      if (given[name] && given[name] !== 'no')
        add(
          name,
          'is for Cluster and Sentinel only; a single server has it in its URL, such as rediss://user:password@host',
        )
  if (given.REDIS_FALLBACK === 'embedded' && redis.length === 0)
    add('REDIS_FALLBACK', 'is set without REDIS_URL; it should be none, since there is nothing to fall back from')
  return [...problems, ...tradingProblems(given)]
}

function tradingProblems(given: Given): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const need = (name: keyof Given, why: string) => {
    if (given[name] === undefined) problems.push({ name, problem: `is missing; ${why}` })
  }
  if (given.EXECUTOR === 'webhook') {
    need('EXECUTOR_WEBHOOK_URL', 'with EXECUTOR=webhook it should be the address that takes the orders')
    need('EXECUTOR_WEBHOOK_SECRET', 'with EXECUTOR=webhook it should be a secret as made by: openssl rand -base64 32')
    if (given.EXECUTOR_WEBHOOK_URL?.startsWith('http:') && given.EXECUTOR_WEBHOOK_PRIVATE !== 'yes')
      problems.push({
        name: 'EXECUTOR_WEBHOOK_URL',
        problem: 'should start with https://; only with EXECUTOR_WEBHOOK_PRIVATE=yes may it be http://',
      })
  }
  if (given.EXECUTOR === 'ccxt') {
    need('EXCHANGE_API_KEY', 'with EXECUTOR=ccxt it should be the API key of your account at the exchange')
    need('EXCHANGE_SECRET', 'with EXECUTOR=ccxt it should be the secret of that API key')
    if (given.PRICES === 'simulated')
      problems.push({ name: 'PRICES', problem: 'should be ccxt: simulated prices cannot guard trades at an exchange' })
  }
  if (usesExchange(given)) {
    const why = given.EXECUTOR === 'ccxt' ? 'EXECUTOR=ccxt' : `PRICES=ccxt (the default of EXECUTOR=${given.EXECUTOR})`
    need('EXCHANGE', `with ${why} it should be the name of the exchange, such as binance`)
    need('EXCHANGE_PAIRS', `with ${why} it should be a list such as BONK=BONK/USDT`)
    const quote = given.QUOTE_CURRENCY ?? 'SOL'
    const pairs = variables.EXCHANGE_PAIRS.safeParse(given.EXCHANGE_PAIRS).data ?? {}
    const foreign = Object.values(pairs).find((pair) => pair.split(':')[0]!.split('/')[1] !== quote)
    if (foreign !== undefined)
      problems.push({
        name: 'EXCHANGE_PAIRS',
        problem: `has ${foreign}, which should be traded for ${quote}, the QUOTE_CURRENCY`,
      })
  }
  return problems
}

const usesExchange = (given: { EXECUTOR?: string | undefined; PRICES?: string | undefined }): boolean =>
  given.EXECUTOR === 'ccxt' || (given.PRICES ?? (given.EXECUTOR === 'webhook' ? 'ccxt' : 'simulated')) === 'ccxt'

const credentialsOf = ({
  REDIS_USERNAME: username,
  REDIS_PASSWORD: password,
  REDIS_TLS,
}: Values): RedisCredentials => ({
  ...(username && { username }),
  ...(password && { password }),
  tls: REDIS_TLS === 'yes',
})

function redisOf(values: Values): RedisConfig | undefined {
  if (values.REDIS_URL) return { kind: 'single', url: values.REDIS_URL }
  if (values.REDIS_CLUSTER_NODES)
    return { kind: 'cluster', nodes: values.REDIS_CLUSTER_NODES, ...credentialsOf(values) }
  if (!values.REDIS_SENTINELS) return undefined
  const sentinels = values.REDIS_SENTINELS.map((one) => {
    const [host, port] = one.split(':')
    return { host: host!, port: Number(port) }
  })
  return { kind: 'sentinel', sentinels, name: values.REDIS_SENTINEL_NAME!, ...credentialsOf(values) }
}

const passwordOf = (text: string | undefined): string[] => {
  if (!text) return []
  const { password, searchParams } = new URL(text)
  return [password, decoded(password), searchParams.get('password') ?? ''].filter(Boolean)
}

/** A stray % is part of a password too. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function executorOf(values: Values): ExecutorConfig {
  switch (values.EXECUTOR) {
    case 'paper':
      return {
        kind: 'paper',
        balance: values.PAPER_BALANCE,
        feePercent: values.PAPER_FEE_PERCENT,
        slippagePercent: values.PAPER_SLIPPAGE_PERCENT,
      }
    case 'webhook':
      return {
        kind: 'webhook',
        url: values.EXECUTOR_WEBHOOK_URL!,
        secret: values.EXECUTOR_WEBHOOK_SECRET!,
        allowPrivate: values.EXECUTOR_WEBHOOK_PRIVATE === 'yes',
      }
    case 'ccxt':
      return { kind: 'ccxt' }
  }
}

function tradingOf(values: Values): TradingConfig {
  const { EXCHANGE_API_KEY: apiKey, EXCHANGE_SECRET: secret, EXCHANGE_PASSWORD: password } = values
  const isAtExchange = usesExchange(values)
  return {
    executor: executorOf(values),
    prices:
      (values.PRICES ?? (isAtExchange ? 'ccxt' : 'simulated')) === 'ccxt'
        ? { kind: 'ccxt' }
        : { kind: 'simulated', seed: values.PRICE_SEED },
    exchange: isAtExchange
      ? {
          id: values.EXCHANGE!,
          url: values.EXCHANGE_URL,
          sandbox: values.EXCHANGE_SANDBOX === 'yes',
          pairs: values.EXCHANGE_PAIRS!,
          credentials: values.EXECUTOR === 'ccxt' ? { apiKey: apiKey!, secret: secret!, password } : undefined,
        }
      : undefined,
    perTrade: values.MAX_TRADE,
    perDay: values.MAX_DAY,
    tokens: values.ALLOWED_TOKENS,
    bandPercent: values.PRICE_BAND_PERCENT,
    delayMs: (values.EXECUTION_DELAY_SECONDS ?? (values.EXECUTOR === 'paper' ? 0 : 30)) * SECOND,
  }
}

function toConfig(values: Values): Config {
  const database: DatabaseConfig = values.DATABASE_URL
    ? { kind: 'postgres', url: values.DATABASE_URL }
    : { kind: 'embedded', dataDir: values.DATA_DIR }
  const intake: Intake = values.WEBHOOK_URL
    ? { kind: 'webhook', url: values.WEBHOOK_URL.replace(/\/+$/, ''), secret: values.WEBHOOK_SECRET! }
    : { kind: 'polling' }
  return {
    botToken: values.BOT_TOKEN,
    telegramApiRoot: values.TELEGRAM_API_ROOT.replace(/\/+$/, ''),
    intake,
    http: { host: values.HOST, port: values.PORT },
    redis: redisOf(values),
    redisFallback: values.REDIS_FALLBACK,
    database,
    dataDir: values.DATA_DIR,
    sessionLifetimeMinutes: Math.round(values.SESSION_TTL_HOURS * 60),
    quoteCurrency: values.QUOTE_CURRENCY,
    stake: { least: values.MIN_STAKE, most: values.MAX_STAKE },
    trading: tradingOf(values),
    adminToken: values.ADMIN_TOKEN,
    logLevel: values.LOG_LEVEL,
    secrets: [
      values.BOT_TOKEN,
      values.WEBHOOK_SECRET,
      values.ADMIN_TOKEN,
      values.REDIS_PASSWORD,
      values.EXECUTOR_WEBHOOK_SECRET,
      values.EXECUTOR_WEBHOOK_SECRET?.replace(/^whsec_/, ''),
      values.EXCHANGE_API_KEY,
      values.EXCHANGE_SECRET,
      values.EXCHANGE_PASSWORD,
      ...passwordOf(values.REDIS_URL),
      ...passwordOf(values.DATABASE_URL),
    ].filter((one) => one !== undefined),
  }
}

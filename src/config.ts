import { readFileSync } from 'node:fs'
import { config as readDotenv } from 'dotenv'
import { z } from 'zod'
import { type TradingConfig, tradingOf, tradingProblems, tradingVariables } from './config-trading.ts'
import { type ConfigProblem, integer, number, oneOf, url } from './config-values.ts'
import { formatAmount, LARGEST_AMOUNT } from './domain/amount.ts'

export type { ExchangeConfig, ExecutorConfig, TradingConfig } from './config-trading.ts'
export type { ConfigProblem } from './config-values.ts'

export type RedisConfig =
  | { kind: 'single'; url: string }
  | ({ kind: 'cluster'; nodes: string[] } & RedisCredentials)
  | ({ kind: 'sentinel'; sentinels: { host: string; port: number }[]; name: string } & RedisCredentials)

/** Of Cluster and Sentinel; a single server's are in its URL. */
export type RedisCredentials = { username?: string; password?: string; tls?: boolean }

export type DatabaseConfig = { kind: 'postgres'; url: string } | { kind: 'embedded'; dataDir: string }

export type Intake = { kind: 'polling' } | { kind: 'webhook'; url: string; secret: string }

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
  /** How many updates a minute are taken of each person, and how many commands in each group; 0 is no limit. */
  shares: { person: number; chat: number }
  adminToken: string | undefined
  logLevel: string
  /** Everything that must never be written to a log. */
  secrets: string[]
}

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

const hostPorts = z
  .string()
  .refine((text) => text.split(',').every((one) => /^[^\s:]+:\d{1,5}$/.test(one.trim())), {
    message: 'should be a list such as host1:6379,host2:6379',
  })
  .transform((text) => text.split(',').map((one) => one.trim()))

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
  ...tradingVariables,
  PERSON_LIMIT: integer(0, 100_000).default(60),
  CHAT_LIMIT: integer(0, 100_000).default(20),
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
  for (const name of ['MAX_TRADE', 'PAPER_BALANCE'] as const)
    if (given[name] && Number(variables[name].safeParse(given[name]).data ?? least) < least)
      add(name, `should not be below MIN_STAKE (${formatAmount(least)}), or nobody can vote yes`)
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
  return [...problems, ...tradingProblems(given, given.QUOTE_CURRENCY ?? 'SOL')]
}

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
    shares: { person: values.PERSON_LIMIT, chat: values.CHAT_LIMIT },
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

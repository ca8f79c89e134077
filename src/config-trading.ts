import { z } from 'zod'
import type { ConfigProblem } from './config-values.ts'
import { decimal, integer, oneOf, url } from './config-values.ts'
import { LARGEST_AMOUNT } from './domain/amount.ts'
import { SECOND } from './domain/time.ts'

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
  /** The chats whose groups may trade; all where undefined. */
  groups: number[] | undefined
  perTrade: string | undefined
  perDay: string | undefined
  tokens: string[] | undefined
  bandPercent: string
  delayMs: number
}

/** No secret of Standard Webhooks is shorter than 24 bytes. */
const signingSecret = z.string().refine((text) => /^(whsec_)?[A-Za-z0-9+/]{32,}={0,2}$/.test(text), {
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

const groupList = z
  .string()
  .refine((text) => text === 'all' || text.split(',').every((one) => /^-\d{1,15}$/.test(one.trim())), {
    message: 'should be a list of chat ids such as -1001234567890,-987654321, or all',
  })
  .transform((text) => (text === 'all' ? undefined : text.split(',').map(Number)))

export const tradingVariables = {
  EXECUTOR: oneOf('paper', 'webhook', 'ccxt').default('paper'),
  PRICES: oneOf('simulated', 'ccxt').optional(),
  PRICE_SEED: z.string().max(200, 'should be at most 200 characters').default('tradevote'),
  PRICE_BAND_PERCENT: decimal(0.1, 100).default('5'),
  MAX_TRADE: decimal(0.000000001, LARGEST_AMOUNT).optional(),
  MAX_DAY: decimal(0.000000001, LARGEST_AMOUNT).optional(),
  ALLOWED_TOKENS: tokenList.optional(),
  ALLOWED_GROUPS: groupList.optional(),
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
  EXCHANGE_PAIRS: pairList.optional(),
  EXCHANGE_SANDBOX: oneOf('yes', 'no').default('yes'),
  EXCHANGE_URL: url('https:', 'http:').optional(),
  EXCHANGE_API_KEY: z.string().optional(),
  EXCHANGE_SECRET: z.string().optional(),
  EXCHANGE_PASSWORD: z.string().optional(),
} as const

type Values = z.infer<z.ZodObject<typeof tradingVariables>>
type Given = Partial<Record<keyof typeof tradingVariables, string>>

/** What does not go together, whether or not each is right by itself. */
export function tradingProblems(given: Given, quoteCurrency: string): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const need = (name: keyof Given, why: string) => {
    if (given[name] === undefined) problems.push({ name, problem: `is missing; ${why}` })
  }
  if (given.EXECUTOR === 'webhook' || given.EXECUTOR === 'ccxt')
    need('ALLOWED_GROUPS', 'where trades are real it should name the chats that may trade: the bot tells each its id')
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
    const why =
      given.EXECUTOR === 'ccxt'
        ? 'EXECUTOR=ccxt'
        : given.PRICES
          ? 'PRICES=ccxt'
          : 'EXECUTOR=webhook, unless PRICES is set,'
    need('EXCHANGE', `with ${why} it should be the name of the exchange, such as binance`)
    need('EXCHANGE_PAIRS', `with ${why} it should be a list such as BONK=BONK/USDT`)
    const pairs = tradingVariables.EXCHANGE_PAIRS.safeParse(given.EXCHANGE_PAIRS).data ?? {}
    const foreign = Object.values(pairs).find((pair) => pair.split(':')[0]!.split('/')[1] !== quoteCurrency)
    if (foreign !== undefined)
      problems.push({
        name: 'EXCHANGE_PAIRS',
        problem: `has ${foreign}, which should be traded for ${quoteCurrency}, the QUOTE_CURRENCY: change one of them`,
      })
  }
  return problems
}

const usesExchange = (given: { EXECUTOR?: string | undefined; PRICES?: string | undefined }): boolean =>
  given.EXECUTOR === 'ccxt' || (given.PRICES ?? (given.EXECUTOR === 'webhook' ? 'ccxt' : 'simulated')) === 'ccxt'

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

export function tradingOf(values: Values): TradingConfig {
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
    groups: values.ALLOWED_GROUPS,
    perTrade: values.MAX_TRADE,
    perDay: values.MAX_DAY,
    tokens: values.ALLOWED_TOKENS,
    bandPercent: values.PRICE_BAND_PERCENT,
    delayMs: (values.EXECUTION_DELAY_SECONDS ?? (values.EXECUTOR === 'paper' ? 0 : 30)) * SECOND,
  }
}

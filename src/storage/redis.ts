import { inTime } from '../lib/clock.ts'
import { type Backend, type Edits, type NewDocument, OutcomeUnknown, type Swap } from './backend.ts'
import { isUncovered, refusalOf, translateRedisError } from './redis-errors.ts'

/** The four commands the store needs; thin wrappers make node-redis (single, Cluster, Sentinel) and ioredis-mock fit. */
export type RedisCommands = {
  get(key: string): Promise<string | null>
  /** True where it was set; `ifAbsent` sets only a key that does not exist. */
  set(key: string, value: string, ttlMs: number, ifAbsent: boolean): Promise<boolean>
  del(key: string): Promise<unknown>
  eval(script: string, key: string, args: string[]): Promise<unknown>
}

export type RedisBackendOptions = {
  /** How long to wait for one answer. */
  commandTimeoutMs?: number
  /** Called where the connection is of no more use: its peer fell silent, is a read-only replica now, or is not known. */
  onStuck?: () => void
  onDisconnect?: (listener: (error: unknown) => void) => void
  onBlink?: (listener: () => void) => void
  /** To be waited for before asking: while a connection that was just lost is being made anew, a moment; mostly nothing. */
  steady?: () => Promise<void> | undefined
  close?: () => Promise<void>
}

const sessionKey = (id: string): string => `session:${id}`
/** Ids are 12 URL-safe characters, so none of them reads `chat:…`. */
const chatKey = (chatId: number): string => `session:chat:${chatId}`
const PROBE_KEY = 'session:probe'

// The scripts never look into the JSON: cjson cuts ids above 14 digits.

/**
 * What lost to another write is answered what that one wrote, which it is going to be done again on. EXISTS comes first
 * since some servers refuse a GETRANGE of a missing key.
 */
const COMPARE_AND_SET = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) ~= ARGV[1] then return redis.call('GET', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

/**
 * The same by what is written over the text, each from a byte of it on: of a large document a vote changes a hundred bytes, and
 * nothing else is sent, or written to the server's file and its replicas. A text of another length was changed by hand:
 * it is read anew.
 */
const COMPARE_AND_EDIT = `
if redis.call('STRLEN', KEYS[1]) ~= tonumber(ARGV[3]) then return redis.call('GET', KEYS[1]) end
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) ~= ARGV[1] then return redis.call('GET', KEYS[1]) end
for n = 4, #ARGV, 2 do redis.call('SETRANGE', KEYS[1], ARGV[n], ARGV[n + 1]) end
if ARGV[2] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1`

/** ARGV: expected ('' for nothing), next, its life in milliseconds. */
const COMPARE_AND_SET_INDEX = `
local held = redis.call('GET', KEYS[1])
if held == ARGV[2] then
  if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
  return 1
end
if (held or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

const EXTEND_INDEX = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1`

/** `prove` uses once every command that the backend ever sends, so that a lack of rights is known at the start. */
export type RedisBackend = Backend & { prove(): Promise<void> }

/** Live sessions in Redis. Every operation uses one key, so it runs on a Cluster as it is. */
export function createRedisBackend(redis: RedisCommands, options: RedisBackendOptions = {}): RedisBackend {
  const { commandTimeoutMs = 3000, onStuck, onDisconnect, onBlink, steady, close } = options
  /** Bounds the wait for an answer. A socket's own timeout does not: whatever is written to a peer that fell silent starts it anew. */
  const ask = async <T>(command: () => Promise<T>): Promise<T> => {
    const blink = steady?.()
    if (blink) await blink
    let isSilent = false
    const late = () => {
      isSilent = true
      return new OutcomeUnknown(`Redis did not answer in ${commandTimeoutMs} ms`)
    }
    try {
      return await inTime(commandTimeoutMs, command, late)
    } catch (error) {
      if (isSilent || isUncovered(error) || refusalOf(error) === 'READONLY') onStuck?.()
      throw translateRedisError(error)
    }
  }

  const get = async (key: string) => (await ask(() => redis.get(key))) ?? undefined
  const swap = (script: string, key: string, ...args: string[]): Promise<Swap> =>
    ask(() => redis.eval(script, key, args)).then(swapOf)
  const run = async (script: string, key: string, ...args: string[]) => (await swap(script, key, ...args)).isDone

  return {
    get: (id) => get(sessionKey(id)),

    async getMany(ids) {
      const texts = await Promise.all(ids.map(async (id) => [id, await get(sessionKey(id))] as const))
      return new Map(texts.filter((one): one is readonly [string, string] => one[1] !== undefined))
    },

    compareAndSet: (id, { prefix }, next) =>
      next.edits
        ? swap(COMPARE_AND_EDIT, sessionKey(id), prefix, lifeOf(next), ...wordsOf(next.edits))
        : swap(COMPARE_AND_SET, sessionKey(id), prefix, next.text(), milliseconds(next.ttlMs)),

    create: (id, next: NewDocument) => ask(() => redis.set(sessionKey(id), next.text(), Math.ceil(next.ttlMs), true)),

    async delete(id) {
      await ask(() => redis.del(sessionKey(id)))
    },

    getIndex: (chatId) => get(chatKey(chatId)),

    compareAndSetIndex: (chatId, expected, next, ttlMs) =>
      run(COMPARE_AND_SET_INDEX, chatKey(chatId), expected ?? '', next, milliseconds(ttlMs)),

    async extendIndex(chatId, id, ttlMs) {
      await run(EXTEND_INDEX, chatKey(chatId), id, milliseconds(ttlMs))
    },

    async prove() {
      await ask(() => redis.set(PROBE_KEY, '1', 1000, false))
      await run(COMPARE_AND_SET, PROBE_KEY, '1', '1', '1000')
      await run(COMPARE_AND_EDIT, PROBE_KEY, '1', '1000', '1', '0', '1')
      await run(COMPARE_AND_SET_INDEX, PROBE_KEY, '1', '1', '2000')
      await get(PROBE_KEY)
      await ask(() => redis.del(PROBE_KEY))
    },

    async ping() {
      await ask(() => redis.set(PROBE_KEY, '1', 1000, false))
    },

    ...(onDisconnect && { onDisconnect }),
    ...(onBlink && { onBlink }),
    close: async () => close?.(),
  }
}

const swapOf = (answer: unknown): Swap =>
  answer === 1 ? { isDone: true } : { isDone: false, stored: typeof answer === 'string' ? answer : undefined }

function wordsOf({ of, edits }: Edits): string[] {
  const words = [String(of)]
  for (const { at, text } of edits) words.push(String(at), text)
  return words
}

/** Edits leave a document the life that it has. */
const lifeOf = ({ keepsLife, ttlMs }: NewDocument): string => (keepsLife ? '' : milliseconds(ttlMs))

const milliseconds = (ms: number): string => String(Math.ceil(ms))

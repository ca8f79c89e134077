import { createHash } from 'node:crypto'
import type { RedisCommands } from './redis.ts'

/** The part of node-redis that its single, Cluster and Sentinel clients share. */
type NodeRedis = {
  get(key: string): Promise<string | null>
  set(
    key: string,
    value: string,
    options: { expiration: { type: 'PX'; value: number }; condition?: 'NX' },
  ): Promise<string | null>
  del(key: string): Promise<number>
  eval(script: string, options: ScriptCall): Promise<unknown>
  evalSha(sha1: string, options: ScriptCall): Promise<unknown>
}

type ScriptCall = { keys: string[]; arguments: string[] }

export function commandsOf(client: NodeRedis): RedisCommands {
  const digests = new Map<string, string>()
  const digestOf = (script: string): string => {
    const digest = digests.get(script) ?? createHash('sha1').update(script).digest('hex')
    digests.set(script, digest)
    return digest
  }
  return {
    get: (key) => client.get(key),
    async set(key, value, ttlMs, ifAbsent) {
      const expiration = { type: 'PX', value: ttlMs } as const
      const reply = await client.set(key, value, ifAbsent ? { expiration, condition: 'NX' } : { expiration })
      return reply !== null
    },
    del: (key) => client.del(key),
    eval(script, key, args) {
      const call = { keys: [key], arguments: args }
      return client.evalSha(digestOf(script), call).catch((error: unknown) => {
        if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return client.eval(script, call)
        throw error
      })
    },
  }
}

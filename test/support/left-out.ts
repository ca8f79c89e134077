import { postgresAvailable } from './postgres.ts'
import { redisAvailable } from './redis.ts'

/** One line for what a run of everything leaves out on this machine; undefined where it leaves out nothing. */
export function leftOut(has: { redis: boolean; postgres: boolean; required: boolean }): string | undefined {
  const absent = [...(has.redis ? [] : ['a real redis-server']), ...(has.postgres ? [] : ['a real Postgres'])]
  if (absent.length === 0 || has.required) return undefined
  const what = absent.join(' and ')
  return `left out: the suites on ${what} (not installed); REQUIRE_SERVERS=1 makes their absence a failure`
}

/** A global setup: says at the end what was left out, where it would be easy to overlook. */
export default function setup(): (() => void) | undefined {
  const isOfSome = process.argv.slice(2).some((argument) => /^(\.\/)?test\//.test(argument))
  if (isOfSome) return undefined
  const line = leftOut({
    redis: redisAvailable(),
    postgres: postgresAvailable(),
    required: process.env['REQUIRE_SERVERS'] === '1',
  })
  return line === undefined ? undefined : () => void process.stdout.write(`\n${line}\n`)
}

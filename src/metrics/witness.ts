import type { Clock } from '../lib/clock.ts'
import type { RemoteName, Telemetry } from './telemetry.ts'

export type Witness = {
  telemetry: Telemetry
  /** A line for each of what is elsewhere: how the last calls of it went. Asks nobody. */
  lines(): Record<string, string>
}

type Seen = { answeredAt: number | undefined; failingSince: number | undefined }

const never = (): Seen => ({ answeredAt: undefined, failingSince: undefined })

/** Passes on what is told, and remembers of Telegram and of the venue when each last answered. */
export function createWitness(
  clock: Pick<Clock, 'now'>,
  telemetry: Telemetry,
  remotes: readonly RemoteName[],
): Witness {
  const seen = new Map<string, Seen>(['telegram', ...remotes].map((name) => [name, never()]))
  const note = (name: string, isAnswer: boolean): void => {
    const one = seen.get(name)
    if (!one) return
    if (isAnswer) one.answeredAt = clock.now()
    one.failingSince = isAnswer ? undefined : (one.failingSince ?? clock.now())
  }
  return {
    telemetry: {
      ...telemetry,
      call(method, outcome, ms) {
        telemetry.call(method, outcome, ms)
        // A call that the bot itself gave up says nothing of Telegram.
        if (outcome !== 'cancelled') note('telegram', outcome !== 'unavailable')
      },
      remote(name, isAnswer) {
        telemetry.remote(name, isAnswer)
        note(name, isAnswer)
      },
    },
    lines: () => Object.fromEntries([...seen].map(([name, one]) => [name, lineOf(one, clock.now())])),
  }
}

function lineOf({ answeredAt, failingSince }: Seen, now: number): string {
  if (failingSince !== undefined) return `away (for ${age(now - failingSince)})`
  return answeredAt === undefined ? 'not asked yet' : `ok (answered ${age(now - answeredAt)} ago)`
}

const age = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`
}

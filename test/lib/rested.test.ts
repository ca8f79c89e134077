import { describe, expect, test } from 'vitest'
import { rested } from '../../src/lib/rested.ts'
import { createTestClock } from '../support/clock.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A look whose each turn ends when the test says so. */
function looking() {
  const clock = createTestClock()
  const turns: { answer(value: string): void; fail(): void }[] = []
  const errors: unknown[] = []
  const ask = rested(
    () =>
      new Promise<string>((resolve, reject) =>
        turns.push({ answer: resolve, fail: () => reject(new Error('the database is away')) }),
      ),
    {
      clock,
      leastRestMs: 10_000,
      patienceMs: 3000,
      staleAfterMs: 60_000,
      onError: (error) => void errors.push(error),
    },
  )
  const answered = async (value: string) => {
    const asked = ask()
    await settled()
    turns.at(-1)!.answer(value)
    return asked
  }
  return { clock, ask, turns, errors, answered }
}

describe('a look that may be asked for as often as anybody likes', () => {
  test('is one at a time, and is not repeated while it rests', async () => {
    const { clock, ask, turns, answered } = looking()
    const [first, second] = [ask(), ask()]
    await settled()
    expect(turns).toHaveLength(1)
    turns[0]!.answer('one')
    expect(await Promise.all([first, second])).toEqual(['one', 'one'])
    clock.advance(9000)
    expect(await ask()).toBe('one')
    expect(turns).toHaveLength(1)
    clock.advance(1500)
    expect(await answered('two')).toBe('two')
    expect(turns).toHaveLength(2)
  })

  test('rests a hundred times as long as it took', async () => {
    const { clock, ask, turns } = looking()
    const asked = ask()
    await settled()
    clock.advance(2000)
    turns[0]!.answer('slow')
    expect(await asked).toBe('slow')
    clock.advance(190_000)
    expect(await ask()).toBe('slow')
    expect(turns).toHaveLength(1)
    clock.advance(15_000)
    void ask()
    await settled()
    expect(turns).toHaveLength(2)
  })

  test('looks again when the clock was set back, rather than rest for an hour more', async () => {
    const { clock, ask, turns, answered } = looking()
    await answered('before')
    clock.advance(-3_600_000)
    void ask()
    await settled()
    expect(turns).toHaveLength(2)
  })

  test('keeps nobody waiting: an older answer has to do, unless it is too old', async () => {
    const { clock, ask, turns, answered } = looking()
    await answered('old')
    clock.advance(20_000)
    const impatient = ask()
    await settled()
    clock.advance(3000)
    expect(await impatient).toBe('old')
    clock.advance(40_000)
    const later = ask()
    await settled()
    clock.advance(3000)
    expect(await later).toBeUndefined()
    expect(turns).toHaveLength(2)
  })

  test('that failed answers nothing rather than something old, and is repeated after a rest', async () => {
    const { clock, ask, turns, errors, answered } = looking()
    await answered('old')
    clock.advance(11_000)
    const asked = ask()
    await settled()
    turns[1]!.fail()
    expect(await asked).toBeUndefined()
    expect(errors).toHaveLength(1)
    expect(await ask()).toBeUndefined()
    expect(turns).toHaveLength(2)
    clock.advance(11_000)
    expect(await answered('new')).toBe('new')
  })
})

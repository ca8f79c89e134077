import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLanes } from '../../src/lib/lanes.ts'

/** A task that ends when it is told to. */
function aTask() {
  let end: () => void = () => undefined
  let hasBegun = false
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return {
    run: () => {
      hasBegun = true
      return ended
    },
    end: () => end(),
    get hasBegun() {
      return hasBegun
    },
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('lanes', () => {
  test('exclusive tasks of a lane run one after the other', async () => {
    const lanes = createLanes()
    const [first, second] = [aTask(), aTask()]
    const both = [lanes.run('a', undefined, first.run), lanes.run('a', undefined, second.run)]
    await settled()
    expect([first.hasBegun, second.hasBegun]).toEqual([true, false])
    first.end()
    await settled()
    expect(second.hasBegun).toBe(true)
    second.end()
    await Promise.all(both)
  })

  test('members run at once, each in their own order; an exclusive task waits for all of them, and they for it', async () => {
    const lanes = createLanes()
    const tasks = Array.from({ length: 5 }, aTask)
    const [ann, bob, annAgain, all, later] = tasks as [ReturnType<typeof aTask>, ...ReturnType<typeof aTask>[]]
    const members = ['ann', 'bob', 'ann', undefined, 'bob']
    const running = tasks.map((task, index) => lanes.run('a', members[index], task.run))
    const begun = async () => {
      await settled()
      return tasks.map((task) => task.hasBegun)
    }
    expect(await begun()).toEqual([true, true, false, false, false])
    ann.end()
    expect(await begun()).toEqual([true, true, true, false, false])
    annAgain!.end()
    expect(await begun()).toEqual([true, true, true, false, false])
    bob!.end()
    expect(await begun()).toEqual([true, true, true, true, false])
    all!.end()
    expect(await begun()).toEqual([true, true, true, true, true])
    later!.end()
    await Promise.all(running)
  })

  test('never wait for each other', async () => {
    const lanes = createLanes()
    const slow = aTask()
    const slowly = lanes.run('a', undefined, slow.run)
    expect(await lanes.run('b', undefined, async () => 'done')).toBe('done')
    slow.end()
    await slowly
  })

  test('hand a failure to whoever asked, and go on', async () => {
    const lanes = createLanes()
    const failing = lanes.run('a', undefined, async () => {
      throw new Error('no')
    })
    const next = lanes.run('a', undefined, async () => 'next')
    await expect(failing).rejects.toThrow('no')
    expect(await next).toBe('next')
    const thrown = lanes.run('a', 'ann', () => {
      throw new Error('at once')
    })
    await expect(thrown).rejects.toThrow('at once')
    await lanes.idle()
    expect(lanes.size).toBe(0)
  })

  test('are idle when everything has ended, and forget lanes', async () => {
    const lanes = createLanes()
    await lanes.idle()
    const task = aTask()
    const running = lanes.run('a', 'ann', task.run)
    let isIdle = false
    const idle = lanes.idle().then(() => {
      isIdle = true
    })
    await settled()
    expect([isIdle, lanes.size]).toEqual([false, 1])
    task.end()
    await Promise.all([running, idle])
    expect([isIdle, lanes.size]).toEqual([true, 0])
  })

  test('keep the order of what may not overtake, whatever the mixture', async () => {
    const entry = fc.record({
      lane: fc.constantFrom('a', 'b'),
      member: fc.constantFrom('ann', 'bob', undefined),
      turns: fc.nat(5),
      fails: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 20 }), async (entries) => {
        const lanes = createLanes()
        const log: { index: number; what: 'begin' | 'end' }[] = []
        const running = entries.map(({ lane, member, turns, fails }, index) =>
          lanes.run(lane, member, async () => {
            log.push({ index, what: 'begin' })
            for (let turn = 0; turn < turns; turn++) await Promise.resolve()
            log.push({ index, what: 'end' })
            if (fails) throw new Error('no')
          }),
        )
        await Promise.allSettled(running)
        const at = (index: number, what: string) => log.findIndex((one) => one.index === index && one.what === what)
        for (const [later, two] of entries.entries())
          for (const [earlier, one] of entries.slice(0, later).entries()) {
            if (one.lane !== two.lane) continue
            const mayOverlap = one.member !== undefined && two.member !== undefined && one.member !== two.member
            if (!mayOverlap) expect(at(earlier, 'end')).toBeLessThan(at(later, 'begin'))
          }
        expect(lanes.size).toBe(0)
      }),
    )
  })
})

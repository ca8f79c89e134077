import { describe, expect, test } from 'vitest'
import { createClosers } from '../../src/lib/closers.ts'
import { createGate } from '../../src/lib/gate.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a gate', () => {
  test('begins shut, lets everybody waiting through when it opens, and can shut again', async () => {
    const gate = createGate()
    const passed: string[] = []
    const wait = (name: string) => void gate.passed().then(() => passed.push(name))
    wait('a')
    wait('b')
    await settled()
    expect([gate.isOpen, passed]).toEqual([false, []])
    gate.open()
    await settled()
    expect([gate.isOpen, passed]).toEqual([true, ['a', 'b']])
    wait('c')
    await settled()
    gate.shut()
    wait('d')
    await settled()
    expect(passed).toEqual(['a', 'b', 'c'])
    gate.open()
    gate.open()
    await settled()
    expect(passed).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('closers', () => {
  test('run in reverse, one at a time, each even when another failed, and only once', async () => {
    const closers = createClosers()
    const log: string[] = []
    closers.push('store', () => void log.push('store'))
    closers.push('queue', async () => {
      await settled()
      log.push('queue')
      throw new Error('no')
    })
    closers.push('intake', () => {
      log.push('intake')
      throw new Error('never')
    })
    const failed: string[] = []
    const run = () => closers.run((name, error) => failed.push(`${name}: ${(error as Error).message}`))
    await run()
    await run()
    expect(log).toEqual(['intake', 'queue', 'store'])
    expect(failed).toEqual(['intake: never', 'queue: no'])
  })

  test('leave one that takes too long to itself, name it, and run all of them in the time there is', async () => {
    const closers = createClosers()
    const log: string[] = []
    const failed: string[] = []
    let fail: (error: Error) => void = () => undefined
    const never = () =>
      new Promise<void>((_, reject) => {
        fail = reject
      })
    closers.push('store', () => void log.push('store'))
    for (let n = 1; n <= 5; n++) closers.push(`hung ${n}`, () => new Promise(() => undefined))
    closers.push('queue', never)
    closers.push('intake', () => void log.push('intake'))
    const began = Date.now()
    const left = await closers.run((name) => failed.push(name), { eachMs: 100, totalMs: 300 })
    expect(left).toEqual(['queue', 'hung 5', 'hung 4', 'hung 3', 'hung 2', 'hung 1'])
    expect(log).toEqual(['intake', 'store'])
    expect(Date.now() - began).toBeLessThan(2000)
    // Its failure comes late, and is heard all the same.
    fail(new Error('no'))
    await settled()
    expect(failed).toEqual(['queue'])
  })
})

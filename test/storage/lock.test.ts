import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { DataDirInUse } from '../../src/storage/database.ts'
import { lockDir } from '../../src/storage/lock.ts'
import { temporaryDir } from '../support/temporary.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Another process that tries to take the lock and holds it; answers 'locked' or the name of its error. */
async function contender(dir: string): Promise<{ child: ChildProcess; answer: string }> {
  const script = `
    import { lockDir } from '${process.cwd()}/src/storage/lock.ts'
    await lockDir(process.argv[1]).then(() => console.log('locked'), (error) => console.log(error.name))
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, dir])
  children.push(child)
  const [answer] = await once(child.stdout, 'data')
  return { child, answer: String(answer).trim() }
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

const longDir = () => {
  const dir = join(temporaryDir(), 'a'.repeat(60), 'b'.repeat(60))
  mkdirSync(dir, { recursive: true })
  return dir
}

describe.each([
  ['a directory', temporaryDir],
  ['a directory with a name too long for a socket', longDir],
])('%s', (_name, makeDir) => {
  test('belongs to one process, and to another once the first is gone', async () => {
    const dir = makeDir()
    const lock = await lockDir(dir)
    await expect(lockDir(dir)).rejects.toThrow(DataDirInUse)
    expect((await contender(dir)).answer).toBe('DataDirInUse')
    await lock.release()
    const next = await contender(dir)
    expect(next.answer).toBe('locked')
    await expect(lockDir(dir)).rejects.toThrow(DataDirInUse)
    await kill(next.child)
    await (await lockDir(dir)).release()
  })

  test('of many at once on what a killed owner left, one wins', async () => {
    const dir = makeDir()
    for (let round = 0; round < 25; round++) {
      const tries = await Promise.allSettled(Array.from({ length: 12 }, () => lockDir(dir)))
      const won = tries.filter((result) => result.status === 'fulfilled')
      expect(won).toHaveLength(1)
      for (const result of tries) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(DataDirInUse)
      }
      // Its file stays, as that of a killed process does.
      await won[0]?.value.release()
    }
    expect(readdirSync(dir)).toEqual([expect.stringMatching(/^owner\.\d+\.sock$/)])
  })
})

test('of several processes that start on what a killed owner left, one wins', async () => {
  const dir = temporaryDir()
  const first = await contender(dir)
  expect(first.answer).toBe('locked')
  await kill(first.child)
  const all = await Promise.all(Array.from({ length: 4 }, () => contender(dir)))
  expect(all.map(({ answer }) => answer).sort()).toEqual(['DataDirInUse', 'DataDirInUse', 'DataDirInUse', 'locked'])
})

test('an owner that is stopped still owns', async () => {
  const dir = temporaryDir()
  const owner = await contender(dir)
  owner.child.kill('SIGSTOP')
  await expect(lockDir(dir)).rejects.toThrow(DataDirInUse)
})

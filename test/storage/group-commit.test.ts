import { expect, test } from 'vitest'
import { createGroupCommit } from '../../src/storage/group-commit.ts'

/** A commit that ends when the test says so. */
function controlled() {
  const batches: { key: string; items: number[]; end: () => void }[] = []
  const commits = createGroupCommit<number>(
    (key, items) => new Promise((resolve) => void batches.push({ key, items: [...items], end: resolve })),
  )
  return { batches, commits, tick: () => new Promise(setImmediate) }
}

test('what comes in the same tick goes together, in order', async () => {
  const { batches, commits, tick } = controlled()
  for (const item of [1, 2, 3]) commits.add('a', item)
  await tick()
  expect(batches.map((batch) => batch.items)).toEqual([[1, 2, 3]])
})

test('what comes while a batch is under way goes in the next one, and only then', async () => {
  const { batches, commits, tick } = controlled()
  commits.add('a', 1)
  await tick()
  commits.add('a', 2)
  commits.add('a', 3)
  await tick()
  expect(batches).toHaveLength(1)
  batches[0]!.end()
  await tick()
  expect(batches.map((batch) => batch.items)).toEqual([[1], [2, 3]])
})

test('keys do not wait for each other', async () => {
  const { batches, commits, tick } = controlled()
  commits.add('a', 1)
  commits.add('b', 2)
  await tick()
  expect(batches.map((batch) => batch.key)).toEqual(['a', 'b'])
})

test('it is idle when everything has been committed', async () => {
  const { batches, commits, tick } = controlled()
  let isIdle = false
  await commits.idle()
  commits.add('a', 1)
  void commits.idle().then(() => {
    isIdle = true
  })
  await tick()
  commits.add('a', 2)
  batches[0]!.end()
  await tick()
  expect(isIdle).toBe(false)
  batches[1]!.end()
  await tick()
  expect(isIdle).toBe(true)
  commits.add('a', 3)
  await tick()
  expect(batches).toHaveLength(3)
})

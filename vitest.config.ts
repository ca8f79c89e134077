import { existsSync, statfsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const MEMORY = '/dev/shm'
const ROOM = 4 * 1024 ** 3

/**
 * Hundreds of databases are made and thrown away. They are kept in memory where there is room: on a disk that others write
 * to, a write can hold up a whole process for longer than people and time-outs wait.
 */
const env: Record<string, string> = hasRoom(MEMORY) ? { TEST_DIR: MEMORY } : {}

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize >= ROOM
}

const shared = { testTimeout: 60_000, hookTimeout: 120_000, pool: 'forks' as const, env }

export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: ['test/support/left-out.ts'],
    projects: [
      {
        test: {
          ...shared,
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/processes/**', 'test/chaos/chaos.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Real processes with real deadlines: one file at a time, with the machine to itself.
        test: {
          ...shared,
          name: 'processes',
          include: ['test/processes/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Everything is broken on purpose, and how long it takes to mend depends on the machine.
        test: {
          ...shared,
          name: 'chaos',
          include: ['test/chaos/chaos.test.ts'],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})

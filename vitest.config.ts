import { defineConfig } from 'vitest/config'

const shared = { testTimeout: 60_000, hookTimeout: 120_000, pool: 'forks' as const }

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

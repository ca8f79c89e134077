import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'vitest'
import { type DatabaseOptions, openDatabase } from '../../src/storage/database.ts'
import { anAlarm, openWorld } from '../contracts/alarms.ts'

type Where = { kind: 'postgres'; url: string } | { kind: 'embedded'; dataDir: string }

/** Another process that has begun to handle the alarm. */
export async function begin(where: Where, alarm?: object): Promise<ChildProcess> {
  const args = [
    '--import',
    'tsx',
    'test/alarms/victim.ts',
    JSON.stringify(where),
    ...(alarm ? [JSON.stringify(alarm)] : []),
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [begun] = await once(child.stdout, 'data')
  expect(String(begun)).toBe('doomed\n')
  return child
}

export async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** An alarm whose process dies twice in the middle of it is handled soon after the third start. */
export async function surviveKills(where: Where): Promise<void> {
  const alarm = anAlarm('doomed', Date.now())
  await kill(await begin(where, alarm))
  const start = Date.now()
  await kill(await begin(where))
  expect(Date.now() - start).toBeLessThan(5000)
  const world = await openWorld((clock) => openDatabase({ ...where, clock } as DatabaseOptions))
  const began = Date.now()
  // As a sweep does.
  await world.alarms.ring(alarm)
  await world.start()
  await world.until(1)
  expect(Date.now() - began).toBeLessThan(5000)
  await world.alarms.settle()
  expect(world.rung.map(({ id }) => id)).toContain('doomed')
  expect(world.rung.length).toBeLessThanOrEqual(2)
  await world.close()
}

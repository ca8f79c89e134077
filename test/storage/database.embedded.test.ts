import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MINUTE } from '../../src/lib/clock.ts'
import { DataDirInUse, openDatabase } from '../../src/storage/database.ts'
import { createTestClock } from '../support/clock.ts'
import { embeddedDir } from '../support/embedded.ts'
import { temporaryDir } from '../support/temporary.ts'

const clock = createTestClock()

/** Another process that runs the body with an opened `database`; answers it and what it prints first. */
async function another(dataDir: string, body: string) {
  const script = `
    import { openDatabase } from '${process.cwd()}/src/storage/database.ts'
    import { systemClock as clock } from '${process.cwd()}/src/lib/clock.ts'
    const database = await openDatabase({ kind: 'embedded', dataDir: process.argv[1], clock })
    ${body}
    setInterval(() => undefined, 1000)`
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

test('the first start makes the directory, in another process', async () => {
  const dataDir = join(temporaryDir(), 'made', 'here')
  const before = process.memoryUsage().rss
  const database = await openDatabase({ kind: 'embedded', dataDir, clock })
  expect(process.memoryUsage().rss - before).toBeLessThan(250_000_000)
  expect(readdirSync(dataDir).sort()).toEqual(['owner.1.sock', 'postgres'])
  await expect(openDatabase({ kind: 'embedded', dataDir, clock })).rejects.toThrow(DataDirInUse)
  await database.close()
})

test('a kill while the directory is being made leaves nothing half made', async () => {
  const dataDir = temporaryDir()
  const child = await another(dataDir, '')
  const isMaking = () => readdirSync(dataDir).some((name) => /^postgres\.new\./.test(name))
  while (!isMaking()) await clock.sleep(20)
  await clock.sleep(300)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(readdirSync(dataDir)).not.toContain('postgres')
  const database = await openDatabase({ kind: 'embedded', dataDir, clock })
  await database.ping()
  await database.close()
})

test('a killed process loses nothing that was acknowledged, and its successor starts at once', async () => {
  const dataDir = await embeddedDir()
  for (let round = 1; round <= 3; round++) {
    const child = await another(
      dataDir,
      `for (let i = 0; ; i++) {
        const { rows } = await database.pool.query(
          "INSERT INTO cards (card_id) VALUES (gen_random_uuid()) RETURNING (SELECT count(*) + 1 FROM cards) AS n")
        process.stdout.write(rows[0].n + '\\n')
      }`,
    )
    let acknowledged = 0
    child.stdout.on('data', (chunk) => {
      acknowledged = Math.max(acknowledged, ...String(chunk).trim().split('\n').map(Number))
    })
    while (acknowledged < 300 * round) await clock.sleep(5)
    child.kill('SIGKILL')
    await once(child, 'close')
    const began = Date.now()
    const database = await openDatabase({ kind: 'embedded', dataDir, clock })
    expect(Date.now() - began).toBeLessThan(2000)
    const { rows } = await database.pool.query('SELECT count(*) AS n FROM cards')
    expect(rows[0].n).toBeGreaterThanOrEqual(acknowledged)
    await database.close()
  }
})

test('while statement follows statement, what comes from elsewhere is heard', async () => {
  const database = await openDatabase({ kind: 'embedded', dataDir: await embeddedDir(), clock })
  const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  let left = 1000
  const statements = (async () => {
    for (; left > 0; left--) await database.pool.query('SELECT 1')
  })()
  const socket = connect((echo.address() as AddressInfo).port, '127.0.0.1')
  socket.write('are you there?')
  await once(socket, 'data')
  expect(left).toBeGreaterThan(500)
  left = 0
  await statements
  socket.destroy()
  echo.close()
  await database.close()
})

test('the write-ahead log and the tables do not grow for ever', async () => {
  const dataDir = await embeddedDir()
  const running = createTestClock()
  const database = await openDatabase({ kind: 'embedded', dataDir, clock: running })
  const logOf = () => {
    const folder = join(dataDir, 'postgres', 'pg_wal')
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  }
  await database.pool.query(
    "INSERT INTO live_sessions SELECT 's', 1, 1, 'w', repeat(md5(random()::text), 300), 1 FROM generate_series(1, 1)",
  )
  const sizes: number[] = []
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 60; i++) {
      await database.pool.query(
        `UPDATE live_sessions SET document =
           (SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 5000 + version)), version = version + 1`,
      )
    }
    running.advance(2 * MINUTE)
    // The upkeep takes its turn before this does.
    await clock.sleep(300)
    await database.ping()
    const { rows } = await database.pool.query("SELECT pg_total_relation_size('live_sessions') AS size")
    sizes.push(rows[0].size)
  }
  expect(sizes.at(-1)).toBeLessThan(2 * (sizes[1] as number))
  expect(logOf()).toBeLessThan(100_000_000)
  await database.close()
})

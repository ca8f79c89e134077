import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { MINUTE, SECOND, systemClock } from '../../src/lib/clock.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { eventually } from '../support/bot-process.ts'
import { runCommand, startCommand } from '../support/command-process.ts'
import { freePort } from '../support/port.ts'
import { runsPostgres, startPostgres } from '../support/postgres.ts'
import { runsRedis, startRedis } from '../support/redis.ts'
import { temporaryDir } from '../support/temporary.ts'
import { decided, decisionsShown, opens, proposes, type Scene, scene, shows } from './scene.ts'

// Backups are taken from bots at work, and restored for others to go on with.
vi.setConfig({ testTimeout: 4 * MINUTE })

const servers = test.skipIf(!runsPostgres() || !runsRedis())
const ADMIN_TOKEN = 'a-token-of-the-operator'

const votesIn = async (it: Scene, count: number) => shows(it, `${count} of ${it.people.length} voted`)

async function verified(path: string) {
  const { code, stdout, stderr } = await runCommand('restore', ['--verify', path])
  expect(stderr).toBe('')
  expect(stdout).toContain('all is well')
  expect(code).toBe(0)
  return stdout
}

test('the embedded database: the running bot is asked, and another goes on with the vote', async (t) => {
  const it = await scene(t, { env: { ADMIN_TOKEN } })
  const first = await it.starts()
  const PORT = String(await first.port())
  await opens(it)
  const card = await proposes(it)
  await it.people[0]!.taps(card, 'Yes 0.1')
  await votesIn(it, 1)
  const cwd = temporaryDir()
  const env: Record<string, string> = { ...it.env, PORT }
  const taken = await runCommand('backup', [], env, { cwd })
  expect(taken).toMatchObject({ code: 0, stderr: '' })
  const [name] = readdirSync(join(cwd, 'backups'))
  expect(name).toMatch(/^tradevote-\d{8}T\d{6}Z\.backup\.gz$/)
  const path = join(cwd, 'backups', name!)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(taken.stdout).toContain(`${join('backups', name!)} is whole and was read back`)
  expect(taken.stdout).toContain('live sessions 1, indexes of chats 1')

  const { ADMIN_TOKEN: _, ...tokenless } = env
  for (const [variables, words] of [
    [tokenless, 'set ADMIN_TOKEN'],
    [{ ...env, ADMIN_TOKEN: 'some-other-token-of-16' }, 'another ADMIN_TOKEN'],
    [{ ...env, PORT: String(await freePort()) }, 'no bot answers at http://127.0.0.1:'],
  ] as const) {
    const refused = await runCommand('backup', [join(cwd, 'other.gz')], variables)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain(words)
    expect(refused.stderr.trimEnd()).not.toContain('\n')
  }
  expect(readdirSync(cwd)).toEqual(['backups'])
  expect(readdirSync(it.env['DATA_DIR']!).filter((one) => one.includes('backup'))).toEqual([])
  expect(await verified(path)).toContain('live sessions: 1 to go on')

  const occupied = await runCommand('restore', [path], env)
  expect(occupied).toMatchObject({ code: 1, stdout: '' })
  expect(occupied.stderr).toContain('is in use by another process: stop the bot first')
  await first.kill()
  const full = await runCommand('restore', [path], env)
  expect(full).toMatchObject({ code: 1, stdout: '' })
  expect(full.stderr).toContain('the database is not empty')

  it.env['DATA_DIR'] = join(temporaryDir(), 'new')
  const restored = await runCommand('restore', [path], it.env)
  expect(restored).toMatchObject({ code: 0, stderr: '' })
  expect(restored.stdout).toContain('all is well')
  await it.starts()
  await it.people[1]!.taps(card, 'Yes 0.05')
  await it.people[2]!.taps(card, 'No')
  const notice = await decided(it, card)
  expect(notice.text).toContain('2 yes, 1 no')
  expect(decisionsShown(it)).toHaveLength(2)
})

servers('Redis and Postgres: taken while everybody votes; what is overdue is decided once, and told', async (t) => {
  const it = await scene(t, { redis: true, postgres: true, webhook: true, people: 12 })
  const bots = [await it.starts(0), await it.starts(1)]
  await opens(it)
  const card = await proposes(it)
  const dir = temporaryDir()
  const voting = Promise.all(it.people.slice(1).map((person, n) => person.taps(card, n % 3 === 2 ? 'No' : 'Yes 0.05')))
  const during = await Promise.all([1, 2].map((n) => runCommand('backup', [join(dir, `during-${n}.gz`)], it.env)))
  expect(during.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ])
  await voting
  await it.people[0]!.taps(card, 'Yes 0.05')
  const isAboutToEnd = async () => (await it.document()).proposals[0]!.endTime < systemClock.now() + 11 * SECOND
  await eventually(isAboutToEnd, 20 * SECOND, 'the last vote')
  const path = join(dir, 'last.gz')
  const taking = runCommand('backup', [path], it.env)
  expect(await taking).toMatchObject({ code: 0, stderr: '' })
  const { proposals } = await it.document()
  // Nobody decides any more before everything is gone.
  expect(proposals[0]).toMatchObject({ open: true })
  await Promise.all(bots.map((bot) => bot.kill()))
  for (const n of [1, 2]) await verified(join(dir, `during-${n}.gz`))

  const redis = await startRedis({ appendfsync: 'always' })
  t.onTestFinished(() => redis.kill())
  await eventually(() => systemClock.now() > proposals[0]!.endTime + SECOND, 30 * SECOND, 'the deadline')
  Object.assign(it.env, { REDIS_URL: redis.url, DATABASE_URL: await it.postgres!.createDatabase() })
  const restored = await runCommand('restore', [path], it.env)
  expect(restored).toMatchObject({ code: 0, stderr: '' })
  expect(restored.stdout).toContain('live sessions: 1 to go on, 0 were there already')
  await Promise.all([it.starts(0), it.starts(1)])
  const notice = await decided(it, card)
  expect(notice.text).toContain('9 yes, 3 no, 0 did not vote')
  expect(decisionsShown(it)).toHaveLength(2)
  const sql = new pg.Client({ connectionString: it.env['DATABASE_URL']! })
  await sql.connect()
  t.onTestFinished(() => sql.end())
  const orders = async () => (await sql.query('SELECT state FROM orders')).rows
  await eventually(async () => (await orders())[0]?.state === 'filled', 60 * SECOND, 'the order')
  expect(await orders()).toHaveLength(1)
  const again = await runCommand('restore', [path], it.env)
  expect(again.stderr).toContain('a bot is at work on this database')
  await verified(await backedUp(it.env, join(dir, 'of-the-restored.gz')))
})

async function backedUp(env: Record<string, string>, path: string): Promise<string> {
  expect(await runCommand('backup', [path], env)).toMatchObject({ code: 0, stderr: '' })
  return path
}

/** A history of so many votes on a server, made by the server itself. */
async function manyVotes(url: string, votes: number): Promise<void> {
  const sql = new pg.Client({ connectionString: url })
  await sql.connect()
  await sql.query(`
    INSERT INTO groups (id, chat_id, title, created_at) VALUES ('g', -1, 'Traders', 5);
    INSERT INTO sessions VALUES ('s', 'g', -1, 'Buy', 1, '@a', 5, '[]', 6, 'admin');
    INSERT INTO proposals SELECT 'p' || n, 's', 'g', 'BUY', 'buy', '{}', 1, '@a', 5, 6, false, 'rejected', 0, 1000, 0, 0, n
      FROM generate_series(1, ${votes / 1000}) AS n;
    INSERT INTO votes SELECT 'p' || (n / 1000 + 1), n, md5(n::text), 'no', 0, n FROM generate_series(0, ${votes - 1}) AS n`)
  await sql.end()
}

servers('a hundred thousand votes take hardly more memory than none, either way', async (t) => {
  const it = await scene(t, { postgres: true })
  await (await it.starts()).stop()
  const dir = temporaryDir()
  const small = await runCommand('backup', [join(dir, 'small.gz')], it.env)
  await manyVotes(it.env['DATABASE_URL']!, 100_000)
  const large = await runCommand('backup', [join(dir, 'large.gz')], it.env)
  expect(large.stdout).toContain('votes 100000')
  expect(large.most - small.most).toBeLessThan(100 * 1024 * 1024)

  const restored = await Promise.all(
    ['small', 'large'].map(async (name) =>
      runCommand('restore', [join(dir, `${name}.gz`)], {
        ...it.env,
        DATABASE_URL: await it.postgres!.createDatabase(),
      }),
    ),
  )
  expect(restored.map(({ code }) => code)).toEqual([0, 0])
  expect(restored[1]!.stdout).toContain('votes 100000')
  expect(restored[1]!.most - restored[0]!.most).toBeLessThan(100 * 1024 * 1024)

  const limited = await runCommand('backup', [join(dir, 'cut.gz')], it.env, { limit: 'ulimit -f 64' })
  expect(limited).toMatchObject({ code: 1, stdout: '' })
  expect(limited.stderr).toContain('cut.gz could not be written: EFBIG')
  expect(readdirSync(dir).sort()).toEqual(['large.gz', 'small.gz'])
})

servers('a restoring that is killed in the middle leaves an empty database, and the next one works', async (t) => {
  const it = await scene(t, { postgres: true, redis: true })
  const bot = await it.starts()
  await opens(it)
  const path = await backedUp(it.env, join(temporaryDir(), 'backup.gz'))
  await bot.kill()
  const redis = await startRedis()
  t.onTestFinished(() => redis.kill())
  const env = { ...it.env, REDIS_URL: redis.url, DATABASE_URL: await it.postgres!.createDatabase() }
  const sql = new pg.Client({ connectionString: env.DATABASE_URL })
  await sql.connect()
  t.onTestFinished(() => sql.end())
  // It is held at the sessions that are registered, when other tables have their rows already.
  const database = await openDatabase({ kind: 'postgres', url: env.DATABASE_URL, clock: systemClock })
  await database.close()
  await sql.query(`
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END';
    CREATE TRIGGER held BEFORE INSERT ON open_sessions FOR EACH ROW EXECUTE FUNCTION wait();
    SELECT pg_advisory_lock(1)`)
  const others = async (state: string) => {
    const { rows } = await sql.query(`SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'tradevote restore' AND ${state}`)
    return rows.length > 0
  }
  const running = startCommand('restore', [path], env)
  await eventually(() => others(`query LIKE 'INSERT%open_sessions%' AND wait_event = 'advisory'`), 60 * SECOND, 'it')
  running.kill()
  expect(await running.ended).toMatchObject({ signal: 'SIGKILL' })
  await sql.query('SELECT pg_advisory_unlock(1)')
  await eventually(async () => !(await others('true')), 60 * SECOND, 'the end of its transaction')
  expect((await sql.query('SELECT FROM groups')).rows).toHaveLength(0)
  const again = await runCommand('restore', [path], env)
  expect(again).toMatchObject({ code: 0, stderr: '' })
  expect((await sql.query('SELECT FROM groups')).rows).toHaveLength(1)
  expect(await redis.cli('EXISTS', `session:chat:${it.group.id}`)).toBe('1')
})

test.each([
  ['backup', ['a', 'b'], 2, 'npm run backup'],
  ['backup', ['--what'], 2, 'npm run backup'],
  ['restore', [], 2, 'npm run restore'],
  ['restore', ['--verify'], 2, 'npm run restore'],
  ['restore', ['--verify', '--another-bot', 'x'], 2, 'npm run restore'],
  ['restore', ['--verify', '/nowhere'], 1, '/nowhere cannot be read: ENOENT'],
  ['restore', ['/nowhere'], 1, 'BOT_TOKEN is missing'],
  ['backup', [], 1, 'BOT_TOKEN is missing'],
] as const)('%s with %j ends with %i, and says why', async (name, args, code, words) => {
  const ended = await runCommand(name, args)
  expect(ended).toMatchObject({ code, stdout: '' })
  expect(ended.stderr).toContain(words)
})

test('a backup makes no database where there is none, and a damaged file neither', async () => {
  const cwd = temporaryDir()
  const env = { BOT_TOKEN: '123456789:AAEaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }
  const nothing = await runCommand('backup', [], env, { cwd })
  expect(nothing).toMatchObject({ code: 1, stdout: '' })
  expect(nothing.stderr).toContain('DATA_DIR ./data holds no database')
  const damaged = await runCommand('restore', [process.execPath], env, { cwd })
  expect(damaged).toMatchObject({ code: 1, stdout: '' })
  expect(damaged.stderr).toContain('the file is damaged')
  expect(existsSync(join(cwd, 'data'))).toBe(false)
})

servers('a password is in no complaint', async () => {
  const server = await startPostgres()
  const url = server.url.replace('test@', 'test:hunter2hunter2@').replace(/postgres$/, 'absent')
  const env = { BOT_TOKEN: '123456789:AAEaaaaaaaaaaaaaaaaaaaaaaaaaaaa', DATABASE_URL: url }
  const ended = await runCommand('backup', [], env)
  await server.stop()
  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain('absent')
  expect(ended.stderr).not.toContain('hunter2')
})

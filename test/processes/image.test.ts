import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { sizeOf } from '../../bench/scenarios/size.ts'
import { MINUTE } from '../../src/lib/clock.ts'
import { runCommand } from '../support/command-process.ts'
import { runsPostgres } from '../support/postgres.ts'
import { runsRedis } from '../support/redis.ts'
import { temporaryDir } from '../support/temporary.ts'
import { decided, opens, proposes, type SceneOptions, scene, shows } from './scene.ts'

// The Docker image's content, laid out as the image is built, in a place from which none of the project's packages is found.
vi.setConfig({ testTimeout: 2 * MINUTE })

const ADMIN_TOKEN = 'a-token-of-the-operator'
const MOST_BYTES = 50 * 1024 * 1024

const run = promisify(execFile)
const laysOut = (...args: string[]) => run(process.execPath, [resolve('scripts/image.mjs'), ...args])

beforeAll(() => {
  execFileSync('npm', ['run', '--silent', 'build'])
})

describe('an image', () => {
  const folder = join(temporaryDir(), 'image')
  const build = join(folder, 'dist')
  beforeAll(() => laysOut(folder))

  const where: [string, SceneOptions, boolean][] = [
    ['the embedded store, polling', {}, true],
    ['Redis and Postgres, by webhook', { redis: true, postgres: true, webhook: true }, runsRedis() && runsPostgres()],
  ]

  describe.each(where)('of a bot on %s', (_, options, runs) => {
    test.skipIf(!runs)('holds all that it needs', async (t) => {
      const it = await scene(t, { ...options, env: { ADMIN_TOKEN } })
      const bot = await it.starts(0, { build })
      await opens(it)
      const card = await proposes(it)
      await Promise.all(it.people.map((person) => person.taps(card, 'Yes 0.1')))
      expect((await decided(it, card)).text).toContain('3 yes, 0 no')
      await shows(it, '✅ Order')

      await it.people[1]!.says(it.group, '/performance 24h')
      expect(await shows(it, '📈 Profit')).toMatchObject({ kind: 'photo', file: { filename: 'performance.png' } })

      const env = { ...it.env, PORT: String(await bot.port()) }
      const board = `http://127.0.0.1:${env.PORT}/queues/`
      const ask = (path: string) => fetch(new URL(path, board), { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
      const page = await (await ask('')).text()
      const parts = [...page.matchAll(/(?:src|href)="([^"]+\.(?:js|css|svg))"/g)].map(([, path]) => path!)
      expect(parts.some((path) => path.endsWith('.js'))).toBe(true)
      for (const path of parts) expect([path, (await ask(path)).status]).toEqual([path, 200])

      const backup = join(temporaryDir(), 'taken.gz')
      expect(await runCommand('backup', [backup], env, { build })).toMatchObject({ code: 0, stderr: '' })
      const read = await runCommand('restore', ['--verify', backup], {}, { build })
      expect(read).toMatchObject({ code: 0, stderr: '' })
      expect(read.stdout).toContain('all is well')

      expect(bot.stderr()).toBe('')
      expect(bot.log().filter(({ level }) => level >= 40)).toEqual([])
      expect(await bot.stop()).toMatchObject({ code: 0 })
    })
  })

  test('is small, and holds the licence of each of its packages', () => {
    expect(sizeOf(folder)).toBeLessThan(MOST_BYTES)
    const packages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /(^|\/)node_modules\/(@[^/]+\/)?[^/@]+$/.test(path),
    )
    expect(packages.length).toBeGreaterThan(100)
    for (const path of packages) {
      const all = readdirSync(path)
      const licences = all.filter((name) => /^(licen[cs]e|copying|copyright|notice)/i.test(name))
      const told = licences.length > 0 ? licences : all.filter((name) => /^readme/i.test(name))
      expect([path, readdirSync(join(folder, path))]).toEqual([path, expect.arrayContaining(told)])
    }
    expect(packages).toContain('node_modules/zrender')
    expect(packages).not.toContain('node_modules/ioredis')
  })

  test('is laid out over nothing that is there, and only as it was asked for', async () => {
    const fresh = join(temporaryDir(), 'image')
    for (const args of [[], ['--with-ccxt'], [folder], [fresh, '--with-cctx']])
      await expect(laysOut(...args)).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining('not there yet'),
      })
    const before = run(process.execPath, [resolve('scripts/image.mjs'), fresh], { cwd: temporaryDir() })
    await expect(before).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('npm run build') })
    expect(existsSync(fresh)).toBe(false)
  })

  test('without ccxt says how to get one with it, and has it then', async () => {
    const asks = (image: string) => {
      const module = join(image, 'dist', 'trading', 'ccxt-package.js')
      const code = `const { binance } = await (await import(${JSON.stringify(module)})).loadCcxt()
        console.log(new binance().id)`
      return run(process.execPath, ['--input-type=module', '-e', code], { cwd: image })
    }
    await expect(asks(folder)).rejects.toThrow('--build-arg WITH_CCXT=yes')
    const larger = join(temporaryDir(), 'image')
    await laysOut(larger, '--with-ccxt')
    expect((await asks(larger)).stdout).toBe('binance\n')
  })
})

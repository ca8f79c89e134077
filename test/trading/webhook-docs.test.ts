import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { unitsOf } from '../../src/domain/money.ts'
import { fillProblem } from '../../src/domain/order.ts'
import { createCallback } from '../../src/http/callback.ts'
import { closeServer, createHttpServer, listen } from '../../src/http/server.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { createLog } from '../../src/lib/log.ts'
import { OrderNotSent, type Outcome } from '../../src/trading/executor.ts'
import { createCallbackReader } from '../../src/trading/webhook-callback.ts'
import { freePort } from '../support/port.ts'
import { SECRET } from '../support/receiver.ts'
import { temporaryDir } from '../support/temporary.ts'
import { anExecutor, aRequest } from '../support/webhook-world.ts'

const root = new URL('../../', import.meta.url)

/** The first piece of JavaScript under a heading. */
function codeIn(path: string, heading: string): string {
  const [, section] = readFileSync(new URL(path, root), 'utf8').split(`\n## ${heading}\n`)
  const code = /^```js\n(.*?)^```$/ms.exec(section?.split('\n## ')[0] ?? '')?.[1]
  if (!code) throw new Error(`${path} has no code under ${heading}`)
  return code
}

/** A directory in which a program finds the packages of this one. */
function programDir(name: string, code: string): string {
  const dir = temporaryDir()
  symlinkSync(new URL('node_modules', root), join(dir, 'node_modules'))
  writeFileSync(join(dir, name), code)
  return dir
}

describe('the receiver of the README', () => {
  const code = codeIn('README.md', 'Trading through your own software (webhook)')
  let dir: string
  let port: number
  let receiver: ChildProcess

  const start = async () => {
    const env = { ...process.env, PORT: String(port), EXECUTOR_WEBHOOK_SECRET: SECRET }
    receiver = spawn(process.execPath, ['receiver.mjs'], { cwd: dir, env, stdio: ['ignore', 'ignore', 'inherit'] })
    while (!(await isThere())) {
      if (receiver.exitCode !== null) throw new Error('the receiver ended')
      await systemClock.sleep(20)
    }
  }
  const isThere = () =>
    executor()
      .find(aRequest())
      .then(
        () => true,
        (error: unknown) => {
          if (error instanceof Unavailable) return false
          throw error
        },
      )
  const kill = async () => {
    if (receiver.exitCode !== null || receiver.signalCode !== null) return
    const exited = once(receiver, 'exit')
    receiver.kill('SIGKILL')
    await exited
  }
  const executor = (secret = SECRET) => anExecutor(`http://127.0.0.1:${port}`, { secret })

  beforeEach(async () => {
    dir = programDir('receiver.mjs', code)
    port = await freePort()
    await start()
  })
  afterEach(kill)

  test('has 20 lines', () => {
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(20)
  })

  test.each(['buy', 'sell'] as const)('carries a %s out, and finds it', async (side) => {
    const request = aRequest({ side })
    expect(await executor().find(request)).toBe('absent')
    const outcome = await executor().place(request)
    const fill = { quantity: unitsOf('2500'), quote: unitsOf('0.05'), fee: 0n, venueId: null }
    expect(outcome).toEqual({ state: 'done', isPartial: false, fill })
    expect(fillProblem({ side, asked: request.amount }, fill)).toBeUndefined()
    expect(await executor().find(request)).toEqual(outcome)
  })

  test('carries a repeated order out once, at the price of the first', async () => {
    const request = aRequest()
    const first = await executor().place(request)
    expect(await executor().place({ ...request, price: '0.00001' })).toEqual(first)
    const order = aRequest()
    const prices = ['0.00002', '0.000019', '0.000018', '0.000017']
    const outcomes = await Promise.all(prices.map((price) => executor().place({ ...order, price })))
    const truth = await executor().find(order)
    expect(truth).toMatchObject({ state: 'done' })
    for (const outcome of outcomes) expect([truth, { state: 'pending' }]).toContainEqual(outcome)
  })

  test('knows its orders after it was killed', async () => {
    const request = aRequest()
    const outcome = await executor().place(request)
    await kill()
    await expect(executor().place(request)).rejects.toBeInstanceOf(OrderNotSent)
    await start()
    expect(await executor().find(request)).toEqual(outcome)
    expect(await executor().place({ ...request, price: '0.00001' })).toEqual(outcome)
  })

  test('does not trade again what it was killed over', async () => {
    const request = aRequest()
    writeFileSync(join(dir, 'orders', `${request.id}.json`), '{"status":"accepted"}')
    expect(await executor().place(request)).toEqual({ state: 'pending' })
    expect(await executor().find(request)).toEqual({ state: 'pending' })
  })

  test('takes nothing that is not signed with its secret, and lives on', async () => {
    const request = aRequest()
    const other = `whsec_${Buffer.alloc(32, 'x').toString('base64')}`
    await expect(executor(other).place(request)).rejects.toBeInstanceOf(OrderNotSent)
    expect((await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } })).status).toBe(401)
    expect(await executor().find(request)).toBe('absent')
  })
})

test('the late report of docs/webhook-executor.md is understood', async () => {
  const told: [string, Outcome][] = []
  const callback = createCallback<Outcome>({
    read: createCallbackReader(SECRET, systemClock),
    settle: async (id, outcome) => {
      told.push([id, outcome])
      return 'settled'
    },
  })
  const readiness = async () => ({ ready: true, checks: {} })
  const server = createHttpServer({ readiness, webhook: undefined, callback, log: createLog('silent', []) })
  const port = await listen(server, '127.0.0.1', 0)
  onTestFinished(() => closeServer(server))
  const call = `console.log(await report('k3f9x2abcd', { status: 'refused', message: 'zu spät' }))`
  const dir = programDir('report.mjs', `${codeIn('docs/webhook-executor.md', 'Late results')}\n${call}\n`)
  const env = { ...process.env, BOT_URL: `http://127.0.0.1:${port}`, EXECUTOR_WEBHOOK_SECRET: SECRET }
  const { stdout } = await promisify(execFile)(process.execPath, ['report.mjs'], { cwd: dir, env })
  expect(stdout).toBe('200\n')
  expect(told).toEqual([['k3f9x2abcd', { state: 'refused', reason: 'venue_refused', words: 'zu spät' }]])
})

import { readdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { createBackupPage } from '../../src/http/backup.ts'
import { closeServer, createHttpServer, listen } from '../../src/http/server.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { createLog } from '../../src/lib/log.ts'
import { eventually } from '../support/bot-process.ts'
import { temporaryDir } from '../support/temporary.ts'

async function serving(take: (path: string) => Promise<unknown>) {
  const folder = temporaryDir()
  const lines: string[] = []
  const log = createLog('debug', [], { write: (line: string) => void lines.push(line) })
  const server = createHttpServer({
    readiness: async () => ({ ready: true, checks: {} }),
    webhook: undefined,
    admin: createBackupPage({ take, folder, log }),
    log,
  })
  const port = await listen(server, '127.0.0.1', 0)
  onTestFinished(() => closeServer(server))
  const get = (method = 'GET') => fetch(`http://127.0.0.1:${port}/`, { method, headers: { connection: 'close' } })
  return { port, folder, get, logged: () => lines.join(''), left: () => readdirSync(folder) }
}

/** What is sent when all is well. */
const writes = (bytes: Buffer) => async (path: string) => writeFileSync(path, bytes, { mode: 0o600 })

test('sends the file with its length, and leaves nothing', async () => {
  const { get, left } = await serving(writes(Buffer.from('a whole backup')))
  const response = await get()
  expect(response.status).toBe(200)
  expect(response.headers.get('content-length')).toBe('14')
  expect(response.headers.get('content-disposition')).toContain('tradevote.backup.gz')
  expect(await response.text()).toBe('a whole backup')
  expect(left()).toEqual([])
})

test('a look at its head takes none', async () => {
  let times = 0
  const { get } = await serving(async () => {
    times += 1
  })
  expect((await get('HEAD')).status).toBe(200)
  expect(times).toBe(0)
})

test.each([
  [new Unavailable('the database cannot be reached'), 503],
  [new Error('the disk is full'), 500],
])('%s is told as such, not as half a file', async (error, status) => {
  const { get, left, logged } = await serving(async (path) => {
    writeFileSync(path, 'half of')
    throw error
  })
  const response = await get()
  expect([response.status, await response.text()]).toEqual([status, 'the backup could not be taken; see the log\n'])
  expect(left()).toEqual([])
  expect(logged()).toContain(error.message)
  expect((await get()).status).toBe(status)
})

test('one at a time', async () => {
  let finish: (() => void) | undefined
  const { get } = await serving(async (path) => {
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    writeFileSync(path, 'done')
  })
  const first = get()
  await eventually(() => finish !== undefined)
  expect((await get()).status).toBe(409)
  finish!()
  expect(await (await first).text()).toBe('done')
})

test('who goes away in the middle leaves nothing, and the next one gets all', async () => {
  const bytes = Buffer.alloc(64 * 1024 * 1024, 'x')
  const { port, get, left, logged } = await serving(writes(bytes))
  const going = request({ port, path: '/' })
  going.on('error', () => undefined)
  await new Promise<void>((resolve) => {
    going.on('response', (response) => response.once('data', () => resolve())).end()
  })
  // It is sent from a file that has no name any more.
  expect(left()).toEqual([])
  going.destroy()
  await eventually(() => logged().includes('was not received'))
  const again = await get()
  expect((await again.arrayBuffer()).byteLength).toBe(bytes.length)
})

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { BackupRefused, DamagedBackup } from '../../src/backup/errors.ts'
import { fetchBackup } from '../../src/backup/from-bot.ts'
import { freePort } from '../support/port.ts'
import { aFile, backUp, home } from './stage.ts'

const token = 'a-token-of-the-operator'

/** Asks somebody who answers so, and tells what is left of it. */
async function asking(answer: RequestListener, host = '127.0.0.1') {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const path = aFile()
  const found = await fetchBackup({ host, port, token }, path).catch((error: unknown) => error)
  return { found, path, left: readdirSync(dirname(path)) }
}

/** Not every machine has it. */
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))

test.each(hasIpv6 ? ['0.0.0.0', '::', '::1'] : ['0.0.0.0'])(
  'what a bot that listens on %s sends is what it took',
  async (host) => {
    const whole = aFile()
    const { counts } = await backUp(await home('embedded'), whole)
    let asked: unknown
    const sent = await asking((request, response) => {
      asked = [request.url, request.headers.authorization]
      response.end(readFileSync(whole))
    }, host)
    expect(asked).toEqual(['/backup', `Bearer ${token}`])
    expect(sent.found).toMatchObject({ counts })
    expect(readFileSync(sent.path)).toEqual(readFileSync(whole))
  },
)

test.each([
  [401, 'the running bot has another ADMIN_TOKEN'],
  [404, 'the running bot has no ADMIN_TOKEN'],
  [409, 'taking another backup'],
  [429, 'too many wrong tokens'],
  [503, 'a store of the running bot is away'],
  [500, 'the running bot answered 500 at http://127.0.0.1:'],
])('%i: says what to do', async (status, words) => {
  const { found, left } = await asking((_request, response) => response.writeHead(status).end('no'))
  expect(found).toBeInstanceOf(BackupRefused)
  expect((found as Error).message).toContain(words)
  expect(left).toEqual([])
})

test('nobody answers', async () => {
  const path = aFile()
  const asked = fetchBackup({ host: '127.0.0.1', port: await freePort(), token }, path)
  await expect(asked).rejects.toThrow(BackupRefused)
  expect(existsSync(path)).toBe(false)
})

test('a bot that dies while it sends leaves nothing', async () => {
  const { found, left } = await asking((_request, response) => {
    response.writeHead(200, { 'content-length': '1000000' })
    response.write(Buffer.alloc(200_000), () => response.destroy())
  })
  expect(found).toBeInstanceOf(BackupRefused)
  expect((found as Error).message).toBe('the running bot broke off while it sent the backup')
  expect(left).toEqual([])
})

test('something else that answers there is no backup', async () => {
  const { found, left } = await asking((_request, response) => response.end('<html>hello</html>'))
  expect(found).toBeInstanceOf(DamagedBackup)
  expect(left).toEqual([])
})

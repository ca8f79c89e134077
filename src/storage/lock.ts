import { once } from 'node:events'
import { closeSync, existsSync, linkSync, mkdirSync, openSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newWriteId, shortHash } from '../lib/ids.ts'
import { DataDirInUse } from './database-errors.ts'

/**
 * One process per directory, by a unix socket in it: whoever answers owns the directory, so a killed owner frees it at
 * once and nothing has to be timed or cleaned up.
 *
 * The socket's file carries a generation, `owner.<n>.sock`. A process binds a socket of its own and links it to the
 * generation after the newest one, which the file system grants to one process only, and only after the newest one was
 * seen to be dead. A file is removed only when a newer one stands, so generations never go back, and a slow process that
 * decided on an old view finds a newer generation after linking, and gives way.
 */
export type DirLock = { release(): Promise<void> }

/** The length of `sun_path` is 108 on Linux and 104 elsewhere, with a final zero. */
const MAX_PATH_BYTES = 100

export async function lockDir(dir: string): Promise<DirLock> {
  const real = realpathSync(dir)
  const place = openPlace(real)
  try {
    return await lockPlace(place, real)
  } catch (error) {
    place.close()
    if (error instanceof DataDirInUse || place.isFallback || !isUnsupported(error)) throw error
    // A mounted folder may not carry sockets or links (Docker Desktop, network shares).
    return lockPlace(fallbackPlace(real), real)
  }
}

type Place = { dir: string; isFallback: boolean; close(): void }

const longestName = `/owner.9999999.${newWriteId()}.sock`

const fits = (dir: string) => Buffer.byteLength(dir + longestName) <= MAX_PATH_BYTES

/** Where the socket files are: the directory itself, by a short name if its own is too long for a socket. */
function openPlace(real: string): Place {
  if (fits(real)) return { dir: real, isFallback: false, close: () => undefined }
  if (!existsSync('/proc/self/fd')) return fallbackPlace(real)
  const fd = openSync(real, 'r')
  return { dir: `/proc/self/fd/${fd}`, isFallback: false, close: () => closeSync(fd) }
}

/** A folder that every process of this machine derives from the directory's path. */
function fallbackPlace(real: string): Place {
  const inTmp = join(tmpdir(), `tradevote-${shortHash(real)}`)
  const dir = fits(inTmp) ? inTmp : join('/tmp', `tradevote-${shortHash(real)}`)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  return { dir, isFallback: true, close: () => undefined }
}

const isUnsupported = (error: unknown) =>
  ['EOPNOTSUPP', 'ENOTSUP', 'EPERM', 'EINVAL', 'ENOSYS', 'EACCES', 'ENAMETOOLONG'].includes(codeOf(error))

const codeOf = (error: unknown) => String((error as { code?: unknown }).code)

async function lockPlace(place: Place, real: string): Promise<DirLock> {
  const own = join(place.dir, `own.${newWriteId()}.sock`)
  const server = await listen(own)
  try {
    while (!(await tryToWin(place.dir, own, real)));
  } catch (error) {
    server.close()
    throw error
  } finally {
    rmSync(own, { force: true })
  }
  return {
    release: async () => {
      // The file stays: a generation is only removed under a newer one.
      server.close()
      place.close()
    },
  }
}

async function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy())
  server.listen(path)
  await once(server, 'listening')
  server.on('error', () => undefined)
  server.unref()
  return server
}

const generationsIn = (dir: string): number[] =>
  readdirSync(dir)
    .map((name) => Number(/^owner\.(\d+)\.sock$/.exec(name)?.[1] ?? 0))
    .filter((generation) => generation > 0)

/** True when won, false when another process moved and the look has to be repeated. */
async function tryToWin(dir: string, own: string, real: string): Promise<boolean> {
  const pathOf = (generation: number) => join(dir, `owner.${generation}.sock`)
  const newest = Math.max(0, ...generationsIn(dir))
  if (newest > 0 && (await answers(pathOf(newest)))) {
    throw new DataDirInUse(`the data directory ${real} is in use by another process`)
  }
  const mine = newest + 1
  try {
    linkSync(own, pathOf(mine))
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
  const all = generationsIn(dir)
  if (Math.max(...all) !== mine) {
    rmSync(pathOf(mine), { force: true })
    return false
  }
  for (const old of all) if (old < mine) rmSync(pathOf(old), { force: true })
  return true
}

/** Only a clear refusal means that nobody is there. */
async function answers(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    return !['ECONNREFUSED', 'ENOENT'].includes(codeOf(error))
  } finally {
    socket.destroy()
  }
}

import { createHash } from 'node:crypto'
import { createWriteStream, existsSync, type WriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { newWriteId } from '../lib/ids.ts'
import { BackupRefused } from './errors.ts'
import { createCounter, type EndLine, INDEXES, LIVE_SESSIONS, type Line } from './format.ts'
import { type Inspected, inspectBackup } from './read-file.ts'

const CHUNK_CHARACTERS = 64 * 1024

/** Writes the lines and their end. Under the name given there is never less than a whole backup that was read back. */
export const writeBackup = (path: string, lines: AsyncIterable<Line>): Promise<Inspected> =>
  placeBackup(path, (open) => pipeline(Readable.from(sealed(lines)), createGzip(), open()))

/**
 * Has a file written under a temporary name, forced to disk, read back, and only then given its name. What fails leaves
 * nothing behind; a kill leaves a file whose name begins with a dot.
 */
export async function placeBackup(path: string, write: (open: () => WriteStream) => Promise<void>): Promise<Inspected> {
  if (existsSync(path))
    throw new BackupRefused(`${path} is there already, and nothing is overwritten: name another file`)
  const home = dirname(resolve(path))
  const temporary = join(home, `.${basename(path)}.${newWriteId()}`)
  let out: WriteStream | undefined
  const openOnce = () => {
    out ??= createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true })
    return out
  }
  try {
    await mkdir(home, { recursive: true })
    await write(openOnce)
    const inspected = await inspectBackup(temporary)
    await rename(temporary, path)
    await forceToDisk(home)
    return inspected
  } catch (error) {
    // One that is still being opened would be there again after it was removed.
    if (out && !out.closed) await finished(out.destroy()).catch(() => undefined)
    await rm(temporary, { force: true }).catch(() => undefined)
    throw forTheHost(error, path)
  }
}

/** The new name is in the folder, which is forced to disk by itself. */
async function forceToDisk(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const OF_THE_FILE = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EACCES',
  'EPERM',
  'EROFS',
  'EIO',
  'EISDIR',
  'ENOTDIR',
  'EEXIST',
])

function forTheHost(error: unknown, path: string): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  if (!code || !OF_THE_FILE.has(code)) return error
  return new BackupRefused(`${path} could not be written: ${code}`, { cause: error })
}

/** In large pieces, since every piece passes through several streams. */
async function* sealed(lines: AsyncIterable<Line>): AsyncGenerator<string> {
  const hash = createHash('sha256')
  const { counts, add } = createCounter()
  let table = ''
  let chunk = ''
  for await (const line of lines) {
    if (Array.isArray(line)) add(table)
    else if ('table' in line) {
      table = line.table
      add(table, 0)
    } else if ('session' in line) add(LIVE_SESSIONS)
    else if ('index' in line) add(INDEXES)
    chunk += `${JSON.stringify(line)}\n`
    if (chunk.length < CHUNK_CHARACTERS) continue
    hash.update(chunk)
    yield chunk
    chunk = ''
  }
  const end: EndLine = { end: counts, sha256: hash.update(chunk).digest('hex') }
  yield `${chunk}${JSON.stringify(end)}\n`
}

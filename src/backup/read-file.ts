import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { BackupRefused, DamagedBackup } from './errors.ts'
import {
  type Counts,
  createCounter,
  createLineReader,
  type EndLine,
  type Entry,
  type Header,
  INDEXES,
  LIVE_SESSIONS,
} from './format.ts'

/**
 * Everything in the file, in its order. It ends without an error only where the file is whole: who acts on what was read
 * must be able to undo it until then. Throws `DamagedBackup`.
 */
export async function* readBackup(path: string): AsyncGenerator<Entry> {
  const readLine = createLineReader()
  const { counts, add } = createCounter()
  const hash = createHash('sha256')
  let end: EndLine | undefined
  for await (const line of linesOf(path)) {
    if (end) throw new DamagedBackup('something follows the end of the backup')
    const entry = readLine(line.toString())
    if (entry.kind === 'end') {
      end = entry.end
      continue
    }
    hash.update(line).update('\n')
    count(entry, add)
    yield entry
  }
  if (!end) throw new DamagedBackup('the file is cut: its end is missing')
  if (end.sha256 !== hash.digest('hex')) throw new DamagedBackup('the file was altered: its checksum is another')
  if (!isSame(end.end, counts)) throw new DamagedBackup('the file does not hold what its end counts')
}

function count(entry: Entry, add: (name: string, more?: number) => void): void {
  if (entry.kind === 'table') add(entry.table, 0)
  else if (entry.kind === 'row') add(entry.table)
  else if (entry.kind === 'session') add(LIVE_SESSIONS)
  else if (entry.kind === 'index') add(INDEXES)
}

const isSame = (a: Counts, b: Counts): boolean =>
  Object.keys({ ...a, ...b }).every((name) => (a[name] ?? 0) === (b[name] ?? 0))

export type Inspected = { header: Header; counts: Counts }

/** Reads the whole file, and answers what it is. Throws `DamagedBackup` where anything is wrong with it. */
export async function inspectBackup(path: string): Promise<Inspected> {
  const { counts, add } = createCounter()
  let header: Header | undefined
  for await (const entry of readBackup(path)) {
    if (entry.kind === 'header') header = entry.header
    count(entry, add)
  }
  return { header: header!, counts }
}

const NEWLINE = 10

/** By newlines alone: texts may hold other characters that end lines elsewhere. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  pipeline(createReadStream(path), gunzip, () => undefined)
  let rest: Buffer[] = []
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        yield Buffer.concat([...rest, chunk.subarray(from, at)])
        rest = []
        from = at + 1
      }
      if (from < chunk.length) rest.push(chunk.subarray(from))
    }
  } catch (error) {
    throw forTheHost(error, path)
  }
  if (rest.length > 0) throw new DamagedBackup('the file is cut in the middle of a line')
}

function forTheHost(error: unknown, path: string): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  if (code?.startsWith('Z_')) return new DamagedBackup('the file is damaged: it cannot be unpacked', { cause: error })
  if (code && /^E(NOENT|ACCES|PERM|ISDIR|IO|NOTDIR)$/.test(code))
    return new BackupRefused(`${path} cannot be read: ${code}`, { cause: error })
  return error
}

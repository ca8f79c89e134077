import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { BackupRefused, DamagedBackup } from '../../src/backup/errors.ts'
import type { Line } from '../../src/backup/format.ts'
import { inspectBackup } from '../../src/backup/read-file.ts'
import { writeBackup } from '../../src/backup/write-file.ts'
import { temporaryDir } from '../support/temporary.ts'
import { STRANGE } from './history.ts'
import { aFile, BOT } from './stage.ts'

const HEADER = {
  tradevote: 'backup',
  format: 1,
  schema: '0002-trading',
  bot: BOT,
  takenAt: 1_767_000_000_000,
  database: 'embedded',
  sessions: 'database',
} as const

const LINES: Line[] = [
  HEADER,
  { table: 'groups', columns: ['id', 'title'] },
  ['g', STRANGE],
  ['h', null],
  { table: 'votes', columns: ['at'] },
  { session: 's', chat: -1, expiresAt: 5, document: STRANGE },
  { index: -1, of: 's', expiresAt: 6 },
]

async function* given(lines: Line[]) {
  yield* lines
}

let whole: Buffer
beforeAll(async () => {
  const path = aFile()
  await writeBackup(path, given(LINES))
  whole = readFileSync(path)
})

const inspected = (bytes: Buffer) => {
  const path = aFile()
  writeFileSync(path, bytes)
  return inspectBackup(path)
}

test('a whole file is read as it was written', async () => {
  const { header, counts } = await inspected(whole)
  expect(header).toEqual(HEADER)
  expect(counts).toEqual({ groups: 2, votes: 0, 'live sessions': 1, indexes: 1 })
})

test('a file that is cut anywhere is refused', async () => {
  for (let length = 0; length < whole.length; length++)
    await expect(inspected(whole.subarray(0, length)), `${length} bytes`).rejects.toThrow(DamagedBackup)
})

test('a file in which any bit is another is refused, or says the same', async () => {
  let refused = 0
  for (let at = 0; at < whole.length; at++) {
    const altered = Buffer.from(whole)
    altered[at]! ^= 1 << (at % 8)
    const found = await inspected(altered).catch((error: unknown) => error)
    if (found instanceof DamagedBackup) refused += 1
    else expect(found).toMatchObject({ header: HEADER, counts: { groups: 2 } })
  }
  // What gzip notes beside its contents, such as the time, tells nothing.
  expect(refused).toBeGreaterThan(whole.length - 12)
})

test('a file of which the text was cut or altered before it was packed is refused', async () => {
  const text = gunzipSync(whole).toString()
  const lines = text.split('\n')
  for (let gone = 0; gone < lines.length - 1; gone++) {
    const less = lines.filter((_, n) => n !== gone).join('\n')
    await expect(inspected(gzipSync(less)), `without line ${gone}`).rejects.toThrow(DamagedBackup)
  }
  for (let length = 0; length < text.length; length++)
    await expect(inspected(gzipSync(text.slice(0, length)))).rejects.toThrow(DamagedBackup)
  for (const more of ['x', '\n', '{}\n', text])
    await expect(inspected(gzipSync(text + more)), more).rejects.toThrow(DamagedBackup)
})

/** A file with these lines, whose checksum is right. */
function sealed(lines: string[], counts: object): Buffer {
  const text = lines.map((line) => `${line}\n`).join('')
  const sha256 = createHash('sha256').update(text).digest('hex')
  return gzipSync(`${text}${JSON.stringify({ end: counts, sha256 })}\n`)
}

const header = (change: object = {}) => JSON.stringify({ ...HEADER, ...change })

test.each([
  ['another format', [header({ format: 2 })], {}, 'the format 2 of a newer version'],
  ['no backup', ['{"some":"thing"}'], {}, 'no backup of this program'],
  ['a header without its time', [header({ takenAt: undefined })], {}, 'not what it should be'],
  ['a table that nobody knows', [header(), '{"table":"spies","columns":["id"]}'], {}, 'a table spies'],
  ['a row before any table', [header(), '["x"]'], {}, 'does not fit'],
  ['a row of another length', [header(), '{"table":"votes","columns":["at"]}', '["1","2"]'], {}, 'does not fit'],
  ['a number in a row', [header(), '{"table":"votes","columns":["at"]}', '[1]'], {}, 'does not fit'],
  ['a null for a line', [header(), 'null'], {}, 'not what it should be'],
  ['counts of more', [header(), '{"table":"votes","columns":["at"]}', '["1"]'], { votes: 2 }, 'what its end counts'],
  ['counts of less', [header(), '{"table":"votes","columns":["at"]}', '["1"]'], {}, 'what its end counts'],
])('refused although its checksum is right: %s', async (_, lines, counts, words) => {
  await expect(inspected(sealed(lines, counts))).rejects.toThrow(words)
  await expect(inspected(sealed(lines, counts))).rejects.toThrow(DamagedBackup)
})

test('a file that is no gzip, or is not there, is named', async () => {
  await expect(inspected(Buffer.from('hello'))).rejects.toThrow(DamagedBackup)
  await expect(inspectBackup('/nowhere/at/all')).rejects.toThrow('/nowhere/at/all cannot be read: ENOENT')
  await expect(inspectBackup(temporaryDir())).rejects.toThrow('EISDIR')
})

test('only its owner may read it, and its folder is made', async () => {
  const path = join(temporaryDir(), 'a', 'b', 'backup.gz')
  await writeBackup(path, given(LINES))
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(dirname(path))).toEqual(['backup.gz'])
})

test('what is there is never written over', async () => {
  const path = aFile()
  writeFileSync(path, 'something precious')
  await expect(writeBackup(path, given(LINES))).rejects.toThrow('is there already, and nothing is overwritten')
  expect(readFileSync(path, 'utf8')).toBe('something precious')
})

test('what fails in the middle leaves nothing', async () => {
  const path = aFile()
  const broken = async function* () {
    yield* LINES
    for (let n = 0; n < 200_000; n++) yield { session: `s${n}`, chat: n, expiresAt: n, document: `${n * n}` }
    throw new Error('the database went away')
  }
  await expect(writeBackup(path, broken())).rejects.toThrow('the database went away')
  expect(readdirSync(dirname(path))).toEqual([])
})

test('a folder that cannot be written to is named', async () => {
  const dir = temporaryDir()
  writeFileSync(join(dir, 'file'), '')
  await expect(writeBackup(join(dir, 'file', 'backup.gz'), given(LINES))).rejects.toThrow(BackupRefused)
  expect(readdirSync(dir)).toEqual(['file'])
})

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { built } from './bot-process.ts'
import { temporaryDir } from './temporary.ts'

type Change = { file: string; from: string; to: string }

/** A folder of the compiled bot as a later version of it might be. Every change must find its place. */
export function nextVersion(...changes: Change[]): string {
  const dir = join(temporaryDir(), 'next')
  cpSync(built(), dir, { recursive: true, verbatimSymlinks: true })
  for (const { file, from, to } of changes) {
    const path = join(dir, file)
    const text = readFileSync(path, 'utf8')
    if (!text.includes(from)) throw new Error(`${file} has no “${from}”`)
    writeFileSync(path, text.replace(from, to))
  }
  return dir
}

const SERIALISED = 'partsOf(legible(given), ORDER)'

/** Writes fields that nobody knows today, at every level of the document. */
export const moreFields: Change = {
  file: 'storage/document.js',
  from: SERIALISED,
  to: `partsOf(((session) => ({
    ...session,
    weather: { of: 'the session' },
    participants: session.participants.map((one) => ({ ...one, mood: 'calm' })),
    proposals: session.proposals.map((one) => ({
      ...one,
      tide: 'high',
      trade: { ...one.trade, route: ['a', 'b'] },
      votes: Object.fromEntries(Object.entries(one.votes).map(([id, vote]) => [id, { ...vote, why: 'because' }])),
    })),
  }))(legible(given)), ORDER)`,
}

/** Reads today's documents, and writes what today's bot must leave alone. */
export const nextFormat: Change[] = [
  { file: 'storage/document.js', from: 'format: z.literal(FORMAT)', to: 'format: z.int()' },
  { file: 'storage/document.js', from: 'FORMAT = 1', to: 'FORMAT = 2' },
]

/** Adds a column to the records, as migrations do. */
export const nextSchema: Change = {
  file: 'storage/migrations/migrate.js',
  from: "'0002-trading': trading,",
  to: `'0002-trading': trading,
    '9999-next': { up: async (db) => void (await sql\`ALTER TABLE proposals ADD COLUMN mood text\`.execute(db)) },`,
}

import type { SqlQuery } from '../storage/database-pool.ts'
import { BackupRefused, DamagedBackup } from './errors.ts'
import type { Counts } from './format.ts'
import { ALL_TABLES, type Column, columnsOf, pathOf, quoted, type TableName } from './tables.ts'

const ROWS_AT_ONCE = 500
const CHARACTERS_AT_ONCE = 1_000_000

export type Loader = {
  begin(table: TableName, columns: readonly string[]): Promise<void>
  add(values: readonly (string | null)[]): Promise<void>
  /** Enters what is left, and sets the sequences on. Nothing where there is nothing new. */
  finish(): Promise<void>
}

/** Enters the rows of a backup as a part of the caller's transaction. */
export function createLoader(query: SqlQuery): Loader {
  let insert: string | undefined
  let rows: string[] = []
  let characters = 0
  const flush = async () => {
    if (rows.length === 0 || insert === undefined) return
    const batch = `[${rows.join(',')}]`
    rows = []
    characters = 0
    await query(insert, [batch])
  }
  const begun: { table: TableName; columns: readonly Column[] }[] = []
  return {
    async begin(table, names) {
      await flush()
      const columns = await columnsNamed(query, table, names)
      insert = insertOf(table, columns)
      begun.push({ table, columns })
    },
    async add(values) {
      const row = JSON.stringify(values)
      rows.push(row)
      characters += row.length
      if (rows.length >= ROWS_AT_ONCE || characters >= CHARACTERS_AT_ONCE) await flush()
    },
    async finish() {
      await flush()
      for (const { table, columns } of begun.splice(0)) await setSequencesOn(query, table, columns)
    },
  }
}

/** The columns of the file in the database, which has the same schema: neither more nor fewer. */
async function columnsNamed(query: SqlQuery, table: TableName, names: readonly string[]): Promise<Column[]> {
  const columns = await columnsOf(query, table)
  const found = names.map((name) => columns.find((column) => column.name === name))
  if (columns.length !== names.length || found.includes(undefined) || new Set(names).size !== names.length)
    throw new DamagedBackup(`the columns of ${table} are not those of the schema that the file names`)
  return found as Column[]
}

/** All rows of a batch are one parameter: an array of rows, each an array of texts, which Postgres reads as its own. */
function insertOf(table: TableName, columns: readonly Column[]): string {
  const names = columns.map(({ name }) => quoted(name)).join(', ')
  const values = columns.map(({ type }, n) => `(one ->> ${n})::${type}`).join(', ')
  return `INSERT INTO ${pathOf(table)} (${names}) OVERRIDING SYSTEM VALUE
    SELECT ${values} FROM json_array_elements($1::json) AS one`
}

/** Else the next row would get the number of one that is there already. */
async function setSequencesOn(query: SqlQuery, table: TableName, columns: readonly Column[]): Promise<void> {
  for (const { name, sequence } of columns)
    if (sequence !== null)
      await query(
        `SELECT setval($1::regclass, last) FROM (SELECT max(${quoted(name)}) AS last FROM ${pathOf(table)}) AS one
         WHERE last IS NOT NULL`,
        [sequence],
      )
}

/** Nobody else writes to the tables from here to the end of the transaction. Throws `BackupRefused` where they hold anything. */
export async function takeEmptyTables(query: SqlQuery): Promise<void> {
  await query(`LOCK TABLE ${(await tablesThere(query)).map(pathOf).join(', ')} IN EXCLUSIVE MODE`)
  const found = await countRows(query)
  const full = Object.entries(found).filter(([, count]) => count > 0)
  if (full.length === 0) return
  const what = full.map(([table, count]) => `${table} ${count}`).join(', ')
  throw new BackupRefused(
    `the database is not empty (rows: ${what}). Nothing is ever overwritten: restore into a new database or DATA_DIR`,
  )
}

/** An older schema may lack some. */
async function tablesThere(query: SqlQuery): Promise<TableName[]> {
  const { rows } = await query<{ name: TableName }>(
    'SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass($2 || name) IS NOT NULL',
    [ALL_TABLES, 'public.'],
  )
  return rows.map((row) => row.name)
}

export async function countRows(query: SqlQuery): Promise<Counts> {
  const counts: Counts = {}
  for (const table of await tablesThere(query)) {
    const { rows } = await query<{ count: number }>(`SELECT count(*) AS count FROM ${pathOf(table)}`)
    counts[table] = rows[0]!.count
  }
  return counts
}

import { type Kysely, type Migration, Migrator, sql } from 'kysely'
import { isCollision, NewerSchema } from '../database-errors.ts'
import type { Schema } from '../database-schema.ts'
import * as initial from './0001-initial.ts'
import * as trading from './0002-trading.ts'

/** In order, for ever: a released migration is never edited or removed. */
export const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-trading': trading,
}

/** Brings the schema up to date. Any number of instances may start at once. Throws `NewerSchema`, changing nothing. */
export async function migrate(db: Kysely<Schema>, known = migrations): Promise<void> {
  await refuseNewer(db, known)
  const migrator = migratorOf(db, known)
  for (let attempt = 1; ; attempt++) {
    const { error } = await migrator.migrateToLatest()
    if (!error) return
    await refuseNewer(db, known)
    // The tables of the migrator itself are made outside its lock, so two first starts can collide there.
    if (attempt === 5 || !isCollision(error)) throw error
  }
}

/** Brings an older or empty schema to the state after this migration, for rows that were written then. */
export async function migrateTo(db: Kysely<Schema>, name: string, known = migrations): Promise<void> {
  const { error } = await migratorOf(db, known).migrateTo(name)
  if (error) throw error
}

const migratorOf = (db: Kysely<Schema>, known: Record<string, Migration>): Migrator =>
  new Migrator({ db, provider: { getMigrations: async () => known } })

async function refuseNewer(db: Kysely<Schema>, known: Record<string, Migration>): Promise<void> {
  const applied = await schemaOf(db)
  const unknown = applied.filter((name) => !(name in known))
  if (unknown.length === 0) return
  throw new NewerSchema(`the database was migrated by a newer version of this program (${unknown.join(', ')})`)
}

/** The names of the migrations that were applied; none for a database that no bot has used. */
export async function schemaOf(db: Kysely<Schema>): Promise<string[]> {
  const { rows: found } = await sql<{ found: boolean }>`
    SELECT to_regclass('public.kysely_migration') IS NOT NULL AS found`.execute(db)
  if (!found[0]?.found) return []
  const { rows } = await sql<{ name: string }>`SELECT name FROM public.kysely_migration ORDER BY name`.execute(db)
  return rows.map((row) => row.name)
}

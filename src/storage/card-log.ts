import { type Kysely, sql } from 'kysely'
import { reachable } from './database-errors.ts'
import type { Schema } from './database-schema.ts'
import type { CardLog } from './records.ts'

export function createCardLog(db: Kysely<Schema>): CardLog {
  return {
    claim: (cardId, now, pauseMs) => reachable(() => claim(db, cardId, now, pauseMs)),
    shown: (cardId, version) =>
      reachable(async () => {
        const { shown_version } = await db
          .insertInto('cards')
          .values({ card_id: cardId, shown_version: version })
          .onConflict((conflict) =>
            conflict
              .column('card_id')
              .doUpdateSet({ shown_version: sql`greatest(cards.shown_version, excluded.shown_version)` }),
          )
          .returning('shown_version')
          .executeTakeFirstOrThrow()
        return shown_version
      }),
    purge: (editedBefore) =>
      reachable(async () => {
        await db.deleteFrom('cards').where('edited_at', '<', editedBefore).execute()
      }),
  }
}

/** Of several claims at once the row's lock lets one through; the others see its time. */
async function claim(db: Kysely<Schema>, cardId: string, now: number, pauseMs: number): Promise<number | undefined> {
  const taken = await db
    .insertInto('cards')
    .values({ card_id: cardId, edited_at: now })
    .onConflict((conflict) =>
      conflict
        .column('card_id')
        .doUpdateSet({ edited_at: now })
        .where((eb) =>
          eb.or([
            eb('cards.edited_at', '<=', now - pauseMs),
            // A time further ahead than the pause was noted by a clock since corrected.
            eb('cards.edited_at', '>', now + pauseMs),
            eb.val(pauseMs <= 0),
          ]),
        ),
    )
    .returning('edited_at')
    .executeTakeFirst()
  if (taken) return undefined
  const row = await db.selectFrom('cards').select('edited_at').where('card_id', '=', cardId).executeTakeFirst()
  // Forgotten in between: it may be tried at once.
  return row ? row.edited_at + pauseMs : now
}

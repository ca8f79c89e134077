import { systemClock } from '../../src/lib/clock.ts'
import { openDatabase } from '../../src/storage/database.ts'
import type { Ballot, Contender, Crowd, Held, Setup } from '../contender.ts'
import { postAll } from '../post-all.ts'
import { command, tap } from '../updates.ts'
import { SECRET, startBot, startWorld, useOf, type World } from '../world.ts'

const FIRST_CHAT = -1_001_000_000_000
const FIRST_VOTER = 1_000_000
/** A vote outlasts every measurement. */
const VOTING = '60m'

/** This bot as it is shipped, with its logs, metrics and limits; only the shares of a person and a group are larger. */
export const tradevote: Contender = {
  name: 'tradevote',
  what: 'this bot, the whole path: webhook, rules, one write a batch, answer in the response',
  keepsVotes: true,
  start,
}

async function start(setup: Setup) {
  const world = await startWorld(setup)
  const bots = await Promise.all(Array.from({ length: setup.processes }, () => startBot(world.env)))
  const to = {
    ports: bots.map((bot) => bot.port),
    path: '/telegram/webhook',
    headers: { 'x-telegram-bot-api-secret-token': SECRET },
  }
  return {
    ...to,
    pids: bots.map((bot) => bot.pid),
    open: (crowd: Crowd) => open(world, to, crowd),
    async votesOf(ballot: Ballot) {
      // Its directory is the bot's alone.
      if (setup.store === 'embedded') await Promise.all(bots.map((bot) => bot.stop()))
      return votesOf(world, ballot)
    },
    redisUse: async () => world.redis && useOf(world.redis),
    async stop() {
      await Promise.all(bots.map((bot) => bot.stop()))
      await world.stop()
    },
  }
}

/** As people do: an admin opens each session, everybody taps Join, somebody proposes. */
async function open({ telegram }: World, to: Parameters<typeof postAll>[0], crowd: Crowd): Promise<Ballot[]> {
  let update = 1
  const chats = Array.from({ length: crowd.sessions }, (_, n) => FIRST_CHAT - n)
  // One more than vote: when all have, the bot closes the vote ten seconds later.
  const voters = Array.from({ length: crowd.voters + 1 }, (_, n) => FIRST_VOTER + n)
  await postAll(
    to,
    chats.map((chat) => command(update++, FIRST_VOTER, chat, '/create_session "Bench"')),
  )
  await telegram.shows(/\.join\./, chats.length)
  const joining = await telegram.cards()
  const joins = voters.flatMap((voter) =>
    chats.map((chatId) => {
      const { messageId, data } = joining[chatId]!
      return tap(update++, voter, { chatId, messageId }, data.find((one) => one.includes('.join.'))!)
    }),
  )
  await postAll(to, joins, 64)
  await postAll(
    to,
    chats.map((chat) => command(update++, FIRST_VOTER, chat, `/propose buy BONK 0.05 ${VOTING}`)),
  )
  await telegram.shows(/\.yes\./, chats.length)
  const cards = await telegram.cards()
  return chats.map((chatId) => {
    const { messageId, data } = cards[chatId]!
    const button = (verb: string) => data.find((one) => one.includes(`.${verb}.`))!
    return { chatId, messageId, yes: button('yes'), no: button('no'), firstVoter: FIRST_VOTER, voters: crowd.voters }
  })
}

type Document = { proposals: { votes: Record<string, Held> }[] }

async function votesOf(world: World, ballot: Ballot): Promise<Record<string, Held>> {
  const id = ballot.yes.split('.')[2]!
  const text = world.redis ? await world.redis.cli('GET', `session:${id}`) : await documentIn(world, id)
  return (JSON.parse(text) as Document).proposals[0]!.votes
}

async function documentIn({ databaseUrl: url, env }: World, id: string): Promise<string> {
  const where = url ? ({ kind: 'postgres', url } as const) : ({ kind: 'embedded', dataDir: env['DATA_DIR']! } as const)
  const database = await openDatabase({ ...where, clock: systemClock })
  try {
    const { rows } = await database.pool.query<{ document: string }>(
      'SELECT document FROM live_sessions WHERE id = $1',
      [id],
    )
    return rows[0]!.document
  } finally {
    await database.close()
  }
}

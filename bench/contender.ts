/** The vote of one session, as a tap on its buttons reaches a bot. */
export type Ballot = {
  chatId: number
  /** Of the message with the buttons. */
  messageId: number
  /** What the buttons carry. */
  yes: string
  no: string
  /** User ids are numbered from here. */
  firstVoter: number
  voters: number
}

/** What a store holds of one vote: the update that cast it, or 0 where the contender keeps none. */
export type Held = { vote: 'yes' | 'no'; update: number }

/** How many sessions there are, with how many people in each. */
export type Crowd = { sessions: number; voters: number }

/** Where a contender keeps its votes, and how many processes of it run. */
export type Setup = {
  processes: number
  store: 'redis' | 'postgres' | 'embedded'
}

/** A bot, or a limit, that is measured. */
export type Contender = {
  name: string
  /** One line for the reader of a table. */
  what: string
  /** Whether it keeps votes: a limit does not. */
  keepsVotes: boolean
  start(setup: Setup): Promise<Running>
}

/** A contender that takes updates. */
export type Running = {
  /** One per process, all for the same bot. */
  ports: readonly number[]
  path: string
  headers: Readonly<Record<string, string>>
  /** Its own processes: neither the stores nor the stand-in for Telegram. */
  pids: readonly number[]
  /** Opens the votes; everybody has joined when it resolves. */
  open(crowd: Crowd): Promise<Ballot[]>
  /** The votes that the store holds now, by user id as text. */
  votesOf(ballot: Ballot): Promise<Record<string, Held>>
  /** What Redis did so far; undefined where there is none. */
  redisUse(): Promise<RedisUse | undefined>
  stop(): Promise<void>
}

export type RedisUse = { commands: number; bytes: number }

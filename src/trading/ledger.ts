import type { Units } from '../domain/money.ts'
import type { Allocation, Order, OrderState, PriceSeen, Settlement } from '../domain/order.ts'
import type { Pledge } from '../domain/pledges.ts'
import type { Language, Proposal, Session } from '../domain/session.ts'
import type { Price } from '../domain/trade.ts'

/** What is to be written down for an approved trade. The ledger works out what it may take. */
export type OrderDraft = {
  id: string
  token: string
  price: Price
  reference: PriceSeen | null
  venue: string
  createdAt: number
  notBefore: number
  expiresAt: number
} & (
  | {
      side: 'buy'
      /** The yes votes' stakes, in the order of the votes. */
      wishes: Pledge[]
      limits: { perTrade: Units[]; perDay: Units | undefined }
      /** Where the bot keeps the members' money itself: what each begins with. */
      startingBalance: Units | undefined
    }
  | { side: 'sell'; sourceOrder: string; percent: number }
)

/** What may change while an order is under way. */
export type OrderChange = Partial<
  Pick<Order, 'reason' | 'detail' | 'notBefore' | 'dueAt' | 'sentAt' | 'sentPrice' | 'attempts'>
> & { state?: 'recorded' | 'sent' | 'unknown' }

/** Orders and the books that they are kept in. Every method throws `Unavailable` when the database cannot be reached. */
export type Ledger = {
  /**
   * Records a decision in one transaction: the session, the proposal with its votes, and for an approved trade its order,
   * with what it takes set aside. Safe to repeat; answers the order as it stands, undefined where there is none.
   */
  recordDecision(session: Session, proposal: Proposal, draft: OrderDraft | undefined): Promise<Order | undefined>
  order(id: string): Promise<Order | undefined>
  /** Orders that are to be looked at by then, the most overdue first; then those whose newest state was not shown yet. */
  due(before: number, limit: number): Promise<Order[]>
  /**
   * Changes the order if it is still in this state and version; undefined where another was faster. What people see of it
   * (state, reason, detail, expiry) counts the version up; the rest does not.
   */
  advance(seen: Pick<Order, 'id' | 'state' | 'version'>, change: OrderChange): Promise<Order | undefined>
  /**
   * Ends the order in one transaction: its fill, everybody's part, the entries, and what is given back. Undefined where
   * it is settled already, no longer in one of these states, or not in this version where one is given. Throws `RangeError` for a fill that `fillProblem` names.
   */
  settle(
    id: string,
    from: readonly OrderState[],
    settlement: Settlement,
    at: number,
    version?: number,
  ): Promise<Order | undefined>
  /** Notes once what the venue said after the order was settled otherwise; undefined where that was noted before. */
  contradict(id: string, words: string): Promise<Order | undefined>
  /** The group's messages of orders are in another chat. */
  forgetCards(groupId: string): Promise<void>
  /** Notes what the group has been shown. */
  noteShown(id: string, shown: Partial<Pick<Order, 'cardMsgId' | 'shownVersion' | 'toldState'>>): Promise<void>
  /** Stops or goes on with execution in the group; a wish of a lower order than the last one changes nothing. */
  setHalted(groupId: string, halted: boolean, order: number): Promise<void>
  isHalted(groupId: string): Promise<boolean>
  /** Orders of the group that wait to be sent. */
  waiting(groupId: string): Promise<Order[]>
  /** What members have to stake, of those who have less than `below`; who is not among them has at least that. */
  poorerThan(groupId: string, startingBalance: Units, below: Units): Promise<Map<number, Units>>
}

/** The open part of what a group or a member holds of a token, and what it cost, fees included. */
export type Position = { token: string; quantity: Units; cost: Units }

/** In the quote currency. `cash` and `setAside` mean something only where the bot keeps the members' money. */
export type Totals = { realised: Units; fees: Units; deposited: Units; cash: Units; setAside: Units }

export type Holder = { memberId: number; memberName: string; quantity: Units }

export type MemberBook = {
  groupId: string
  title: string
  language: Language | null
  positions: Position[]
  totals: Totals
}

/** What changed in the members' accounts at a time; deposits of play money are marked. */
export type Flow = { at: number; currency: string; amount: Units; isDeposit: boolean }

export type ExportedOrder = { order: Order; allocations: Allocation[] }
export type ExportedDecision = {
  id: string
  sessionId: string
  sessionMessage: string
  text: string
  proposedBy: string
  startTime: number
  endTime: number
  closedAt: number
  approved: boolean
  reason: string
  yes: number
  no: number
  abstained: number
  yesAmount: string
  votes: { voterId: number; voterName: string; vote: 'yes' | 'no'; amount: string; at: number }[]
}

/** The books, for reading. Everything belongs to the internal group. Throws `Unavailable` as the ledger does. */
export type Books = {
  /** Newest first. */
  orders(groupId: string, limit: number, offset: number): Promise<{ total: number; orders: Order[] }>
  /** Undefined for an order of another group. The id is read in any case. */
  order(groupId: string, id: string): Promise<{ order: Order; allocations: Allocation[] } | undefined>
  /**
   * Who holds something of a buy order that is not being sold; undefined for an order of another group, `elsewhere` for one
   * of another venue's books, `sale` for one that sold.
   */
  holders(
    groupId: string,
    orderId: string,
  ): Promise<{ token: string; holders: Holder[] } | 'elsewhere' | 'sale' | undefined>
  /** The open positions, and the totals, of the whole group or of one member in it. */
  book(groupId: string, memberId?: number): Promise<{ positions: Position[]; totals: Totals; members: number }>
  /** Every group in which the member has or had something. */
  booksOf(memberId: number): Promise<MemberBook[]>
  /** Oldest first, of all members together. */
  flows(groupId: string): Promise<Flow[]>
  /** The tokens that are held, or were last traded, in the group. */
  tokens(groupId: string): Promise<string[]>
  everything(groupId: string): Promise<{ decisions: ExportedDecision[]; orders: ExportedOrder[] }>
}

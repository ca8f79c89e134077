import { quantityFor, type Units, unitsOf, unitsText, valueAt } from '../../src/domain/money.ts'

/** An answer of Binance's own kind: a status, and a body with a code where it says no. */
export class ExchangeRefusal extends Error {
  readonly status: number
  readonly code: number
  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export type Pair = {
  symbol: string
  base: string
  quote: string
  tick: string
  step: string
  minQuantity: string
  minNotional: string
}

type FillMode = 'whole' | 'part' | 'nothing' | 'later'

export type BookOrder = {
  pair: Pair
  orderId: number
  clientOrderId: string
  side: 'BUY' | 'SELL'
  status: 'NEW' | 'FILLED' | 'EXPIRED'
  quantity: Units
  quoteOrderQty: Units
  executed: Units
  spent: Units
  trades: BookTrade[]
  time: number
}

export type BookTrade = { id: number; price: string; quantity: Units; quote: Units; commission: Units; asset: string }

/** Balances and orders of one account, with Binance's rules for market orders. */
export function createBook(now: () => number) {
  const pairs = new Map<string, Pair>()
  const prices = new Map<string, string>()
  const balances = new Map<string, Units>()
  const orders: BookOrder[] = []
  let lastId = 1000
  const book = {
    pairs,
    prices,
    balances,
    orders,
    fillMode: 'whole' as FillMode,
    /** Where the commission is taken: from what is received (Binance's way), in the quote currency, or in a third one. */
    commissionIn: 'received' as 'received' | 'quote' | 'BNB',
    /** So many lookups do not find an order that is there, as in an exchange whose parts do not know at once. */
    hidden: 0,

    place(request: URLSearchParams): BookOrder {
      const pair = pairOf(request.get('symbol'))
      const side = request.get('side') as BookOrder['side']
      const clientOrderId = request.get('newClientOrderId') ?? `made-here-${lastId}`
      if (request.get('type') !== 'MARKET') throw new ExchangeRefusal(400, -1116, 'Invalid orderType.')
      if (!/^[a-zA-Z0-9-_]{1,36}$/.test(clientOrderId))
        throw new ExchangeRefusal(400, -1100, "Illegal characters found in parameter 'newClientOrderId'.")
      if (orders.some((one) => one.clientOrderId === clientOrderId && one.status === 'NEW'))
        throw new ExchangeRefusal(400, -2010, 'Duplicate order sent.')
      const order = sized(pair, side, clientOrderId, request)
      orders.push(order)
      if (book.fillMode !== 'later') carryOut(order, book.fillMode)
      return order
    },

    /** Carries an order out that was left open. */
    finish(clientOrderId: string, mode: FillMode = 'whole'): void {
      const order = orders.find((one) => one.clientOrderId === clientOrderId && one.status === 'NEW')
      if (!order) throw new Error(`there is no open order ${clientOrderId}`)
      carryOut(order, mode)
    },

    find(request: URLSearchParams): BookOrder {
      const pair = pairOf(request.get('symbol'))
      const client = request.get('origClientOrderId')
      const id = request.get('orderId')
      const found = orders.findLast(
        (one) => one.pair === pair && (client !== null ? one.clientOrderId === client : String(one.orderId) === id),
      )
      if (found && book.hidden > 0) {
        book.hidden -= 1
        throw new ExchangeRefusal(400, -2013, 'Order does not exist.')
      }
      if (!found) throw new ExchangeRefusal(400, -2013, 'Order does not exist.')
      return found
    },

    ofPair: (request: URLSearchParams): BookOrder[] => {
      const pair = pairOf(request.get('symbol'))
      return orders.filter((one) => one.pair === pair)
    },
  }

  function pairOf(symbol: string | null): Pair {
    const pair = pairs.get(symbol ?? '')
    if (!pair) throw new ExchangeRefusal(400, -1121, 'Invalid symbol.')
    return pair
  }

  const balance = (asset: string): Units => balances.get(asset) ?? 0n
  const add = (asset: string, units: Units): void => void balances.set(asset, balance(asset) + units)

  function sized(pair: Pair, side: BookOrder['side'], clientOrderId: string, request: URLSearchParams): BookOrder {
    const price = prices.get(pair.symbol)!
    const typed = request.get('quantity')
    const budget = request.get('quoteOrderQty')
    if ((typed === null) === (budget === null))
      throw new ExchangeRefusal(
        400,
        -1102,
        "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.",
      )
    for (const text of [typed, budget])
      if (text !== null && !/^\d{1,20}(\.\d{1,8})?$/.test(text))
        throw new ExchangeRefusal(400, -1100, 'Illegal characters found in a parameter.')
    const step = unitsOf(pair.step)
    const wanted = typed === null ? quantityFor(unitsOf(budget!), price) : unitsOf(typed)
    const quantity = wanted - (wanted % step)
    if (quantity < unitsOf(pair.minQuantity) || (typed !== null && quantity !== wanted))
      throw new ExchangeRefusal(400, -1013, 'Filter failure: LOT_SIZE')
    const quote = valueAt(quantity, price, 'up')
    if (quote < unitsOf(pair.minNotional)) throw new ExchangeRefusal(400, -1013, 'Filter failure: NOTIONAL')
    const isShort = side === 'BUY' ? balance(pair.quote) < quote : balance(pair.base) < quantity
    if (isShort) throw new ExchangeRefusal(400, -2010, 'Account has insufficient balance for requested action.')
    lastId += 1
    const nothing = { executed: 0n, spent: 0n, trades: [] as BookTrade[] }
    const quoteOrderQty = budget === null ? 0n : unitsOf(budget)
    return {
      pair,
      orderId: lastId,
      clientOrderId,
      side,
      status: 'NEW',
      quantity,
      quoteOrderQty,
      ...nothing,
      time: now(),
    }
  }

  /** In two trades, so that commissions have to be added up. */
  function carryOut(order: BookOrder, mode: FillMode): void {
    const { pair } = order
    const step = unitsOf(pair.step)
    const half = order.quantity / 2n - ((order.quantity / 2n) % step)
    const parts = mode === 'whole' ? [half, order.quantity - half] : mode === 'part' ? [half] : []
    for (const quantity of parts) if (quantity > 0n) trade(order, quantity)
    order.status = mode === 'whole' ? 'FILLED' : 'EXPIRED'
  }

  function trade(order: BookOrder, quantity: Units): void {
    const { pair, side } = order
    const price = prices.get(pair.symbol)!
    const quote = valueAt(quantity, price)
    const received = side === 'BUY' ? pair.base : pair.quote
    const asset = { received, quote: pair.quote, BNB: 'BNB' }[book.commissionIn]
    const base = asset === pair.base ? quantity : asset === pair.quote ? quote : unitsOf('0.01')
    const commission = valueAt(base, '0.001')
    add(pair.base, side === 'BUY' ? quantity : -quantity)
    add(pair.quote, side === 'BUY' ? -quote : quote)
    add(asset, -commission)
    order.executed += quantity
    order.spent += quote
    lastId += 1
    order.trades.push({ id: lastId, price, quantity, quote, commission, asset })
  }

  return book
}

export type Book = ReturnType<typeof createBook>

/** Binance writes eight decimals. */
const eight = (units: Units): string => {
  const [whole, fraction = ''] = unitsText(units).split('.')
  return `${whole}.${fraction.slice(0, 8).padEnd(8, '0')}`
}

export const orderBody = (order: BookOrder) => ({
  symbol: order.pair.symbol,
  orderId: order.orderId,
  orderListId: -1,
  clientOrderId: order.clientOrderId,
  price: '0.00000000',
  origQty: eight(order.quantity),
  executedQty: eight(order.executed),
  origQuoteOrderQty: eight(order.quoteOrderQty),
  cummulativeQuoteQty: eight(order.spent),
  status: order.status,
  timeInForce: 'GTC',
  type: 'MARKET',
  side: order.side,
  workingTime: order.time,
  selfTradePreventionMode: 'EXPIRE_MAKER',
})

export const placedBody = (order: BookOrder, kind: string | null) => {
  const { symbol, orderId, orderListId, clientOrderId } = orderBody(order)
  return kind === 'ACK' ? { symbol, orderId, orderListId, clientOrderId, transactTime: order.time } : fullBody(order)
}

/** The answer to placing it has its fills; that to asking for it has not. */
const fullBody = (order: BookOrder) => ({
  ...orderBody(order),
  transactTime: order.time,
  fills: order.trades.map((one) => ({
    price: one.price,
    qty: eight(one.quantity),
    commission: eight(one.commission),
    commissionAsset: one.asset,
    tradeId: one.id,
  })),
})

export const askedBody = (order: BookOrder) => ({
  ...orderBody(order),
  stopPrice: '0.00000000',
  icebergQty: '0.00000000',
  time: order.time,
  updateTime: order.time,
  isWorking: true,
})

export const tradeBodies = (order: BookOrder) =>
  order.trades.map((one) => ({
    symbol: order.pair.symbol,
    id: one.id,
    orderId: order.orderId,
    orderListId: -1,
    price: one.price,
    qty: eight(one.quantity),
    quoteQty: eight(one.quote),
    commission: eight(one.commission),
    commissionAsset: one.asset,
    time: order.time,
    isBuyer: order.side === 'BUY',
    isMaker: false,
    isBestMatch: true,
  }))

export const balanceBodies = (balances: Map<string, Units>) =>
  [...balances].map(([asset, units]) => ({ asset, free: eight(units), locked: '0.00000000' }))

export const pairBody = (pair: Pair) => ({
  symbol: pair.symbol,
  status: 'TRADING',
  baseAsset: pair.base,
  baseAssetPrecision: 8,
  quoteAsset: pair.quote,
  quotePrecision: 8,
  quoteAssetPrecision: 8,
  baseCommissionPrecision: 8,
  quoteCommissionPrecision: 8,
  orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT'],
  icebergAllowed: true,
  ocoAllowed: true,
  quoteOrderQtyMarketAllowed: true,
  allowTrailingStop: true,
  isSpotTradingAllowed: true,
  isMarginTradingAllowed: false,
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: pair.tick, maxPrice: '1000.00000000', tickSize: pair.tick },
    { filterType: 'LOT_SIZE', minQty: pair.minQuantity, maxQty: '9000000000.00000000', stepSize: pair.step },
    { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty: '9000000000.00000000', stepSize: '0.00000000' },
    {
      filterType: 'NOTIONAL',
      minNotional: pair.minNotional,
      applyMinToMarket: true,
      maxNotional: '9000000.00000000',
      applyMaxToMarket: false,
      avgPriceMins: 5,
    },
  ],
  permissions: [],
  permissionSets: [['SPOT']],
  defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
  allowedSelfTradePreventionModes: ['EXPIRE_MAKER'],
})

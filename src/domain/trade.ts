/** A price in the quote currency for one token: at the market, or waiting for a target (a plain decimal). */
export type Price = 'market' | `target:${string}`

export type Buy = { side: 'buy'; token: string; amount: number; price: Price; cap?: number | undefined }
export type Sell = { side: 'sell'; order: string; percent: number }
export type Trade = Buy | Sell

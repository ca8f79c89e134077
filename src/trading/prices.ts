/** A price of one token in the quote currency: a plain decimal, and when it held (epoch milliseconds). */
export type PriceQuote = { price: string; at: number }

/**
 * Where prices come from. Methods throw `Unavailable` when the source cannot be reached.
 * `source` is shown to people beside every price; `isSimulated` makes that a warning.
 */
export type Prices = {
  source: string
  isSimulated: boolean
  /** A price older than this must not move money, in milliseconds. */
  staleAfterMs: number
  /** The newest price, which may be some seconds old; undefined for a token that the source does not know. */
  current(token: string): Promise<PriceQuote | undefined>
  /** Past prices at these times, ascending; each the last known at that time, undefined where there is none. */
  history(token: string, times: readonly number[]): Promise<(string | undefined)[]>
  /** The tokens it knows, where it knows only some. */
  tokens: readonly string[] | undefined
  close(): Promise<void>
}

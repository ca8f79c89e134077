import type { Params } from '../params.ts'
import type { World } from '../world.ts'

/** `gone` aborts when whoever called has hung up. */
export type Context = {
  readonly world: World
  readonly params: Params
  readonly gone: AbortSignal
  /** Makes another call, as the answer to a webhook delivery does. */
  readonly run: (method: string, params: Params) => Promise<unknown>
}

/** Returns the `result`, or refuses. */
export type Method = (context: Context) => unknown

/** A result with a few words beside it, as setWebhook gives. */
export type Described = { readonly described: string; readonly result: unknown }

export const described = (result: unknown, words: string): Described => ({ described: words, result })

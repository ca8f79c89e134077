import { asking } from './methods/asking.ts'
import { changing } from './methods/changing.ts'
import type { Context, Described } from './methods/method.ts'
import { receiving } from './methods/receiving.ts'
import { sending } from './methods/sending.ts'
import { integerOf, isRecord, type Params } from './params.ts'
import { refuse, TelegramRefusal } from './refusal.ts'
import type { ApiCall, World } from './world.ts'

export type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

type Call = {
  readonly method: string
  readonly params: Params
  readonly via: ApiCall['via']
  readonly gone?: AbortSignal
}

const METHODS: Readonly<Record<string, (context: Context) => unknown>> = {
  ...asking,
  ...changing,
  ...receiving,
  ...sending,
}

/** Telegram does not mind the case of a method's name. */
const SPELLINGS = new Map(Object.keys(METHODS).map((name) => [name.toLowerCase(), name]))

export const spelledAsTelegram = (method: string): string => SPELLINGS.get(method.toLowerCase()) ?? method

/** Does what a call asks for, and keeps it in the log. */
export async function runCall(world: World, { method, params, via, gone }: Call): Promise<Answer> {
  const call = logged(world, method, params, via)
  return noted(call, await answerTo(world, call, gone ?? world.closing.signal))
}

export function logged(world: World, method: string, params: Params, via: ApiCall['via']): ApiCall {
  const call: ApiCall = {
    method: spelledAsTelegram(method),
    params,
    chatId: integerOf(params, 'chat_id'),
    at: world.clock.now(),
    via,
    ok: undefined,
    status: undefined,
    description: undefined,
  }
  world.calls.push(call)
  return call
}

export function noted(call: ApiCall, answer: Answer): Answer {
  call.status = answer.status
  call.ok = answer.body['ok'] === true
  call.description = typeof answer.body['description'] === 'string' ? answer.body['description'] : undefined
  return answer
}

export async function answerTo(world: World, call: ApiCall, gone: AbortSignal): Promise<Answer> {
  const run = (method: string, params: Params) => runCall(world, { method, params, via: 'webhook' })
  try {
    const method = METHODS[call.method] ?? refuse(404, 'Not Found: method not found')
    const result = await method({ world, params: call.params, gone, run })
    if (isDescribed(result))
      return { status: 200, body: { ok: true, result: result.result, description: result.described } }
    return { status: 200, body: { ok: true, result } }
  } catch (error) {
    if (error instanceof TelegramRefusal) return refused(error.code, error.message, error.parameters)
    throw error
  }
}

export function refused(code: number, description: string, parameters?: Readonly<Record<string, unknown>>): Answer {
  return { status: code, body: { ok: false, error_code: code, description, ...(parameters && { parameters }) } }
}

const isDescribed = (result: unknown): result is Described =>
  isRecord(result) && typeof result['described'] === 'string'

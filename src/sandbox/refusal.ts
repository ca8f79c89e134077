/** What Telegram answers when it does not do what it was asked, in its own words and shape. */
export class TelegramRefusal extends Error {
  override name = 'TelegramRefusal'
  readonly code: number
  readonly parameters: Readonly<Record<string, unknown>> | undefined

  constructor(code: number, description: string, parameters?: Readonly<Record<string, unknown>>) {
    super(description)
    this.code = code
    this.parameters = parameters
  }
}

export function refuse(code: number, description: string, parameters?: Readonly<Record<string, unknown>>): never {
  throw new TelegramRefusal(code, description, parameters)
}

export const badRequest = (why: string): never => refuse(400, `Bad Request: ${why}`)

export const forbidden = (why: string): never => refuse(403, `Forbidden: ${why}`)

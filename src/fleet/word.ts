/** What one instance sends to another: questions and answers by number, which is the asker's. */
export type Word = { from: string; asks: Numbered[]; answers: Numbered[] }
type Numbered = readonly [number, unknown]

/** What one tells all: that it is at work, or that it goes. */
export type Notice = { here: string } | { gone: string }

/** Undefined where it is none: anybody who may speak to the server may speak there. */
export function wordIn(text: string): Word | undefined {
  const { from, asks, answers } = recordIn(text)
  return isName(from) && areNumbered(asks) && areNumbered(answers) ? { from, asks, answers } : undefined
}

export function noticeIn(text: string): Notice | undefined {
  const { here, gone } = recordIn(text)
  if (isName(here)) return { here }
  return isName(gone) ? { gone } : undefined
}

const isName = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{1,32}$/.test(value)

function recordIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const areNumbered = (list: unknown): list is Numbered[] =>
  Array.isArray(list) && list.every((one) => Array.isArray(one) && one.length === 2 && Number.isSafeInteger(one[0]))

/** A little of Prometheus' two languages: its text format, and what a PromQL expression asks for. */

export type Sample = { name: string; labels: Record<string, string> }

export const namesIn = (text: string): Set<string> =>
  new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name!))

export const samplesIn = (text: string): Sample[] =>
  [...text.matchAll(/^([a-z]\w*)(?:\{(.*)\})? \S+$/gm)].map(([, name, inside]) => ({
    name: name!,
    labels: Object.fromEntries(
      [...(inside ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, label, value]) => [label, value]),
    ),
  }))

/** The labels of all samples, by the name of the series. */
export function labelsOf(samples: Sample[]): Map<string, Sample['labels'][]> {
  const found = new Map<string, Sample['labels'][]>()
  for (const { name, labels } of samples) found.set(name, [...(found.get(name) ?? []), labels])
  return found
}

export type Selector = { metric: string; matchers: { label: string; operator: string; value: string }[] }

/** What is not followed by a bracket, is no label to group by, and is none of the words of the language. */
const NO_METRIC =
  /^(?:by|without|and|or|unless|on|ignoring|offset|bool|group_left|group_right|[\d.]+[smhdwy]?|\d.*|e\d+)$/

export function selectorsIn(expr: string): Selector[] {
  const bare = expr.replace(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, '')
  return [...bare.matchAll(/([a-zA-Z_]\w*)(\s*\()?(?:\{([^}]*)\})?/g)]
    .filter(({ index, 1: word, 2: call }) => !call && !NO_METRIC.test(word!) && isOutside(bare, index))
    .map(([, metric, , inside]) => ({
      metric: metric!,
      matchers: [...(inside ?? '').matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(([, label, operator, value]) => ({
        label: label!,
        operator: operator!,
        value: value!,
      })),
    }))
}

/** Neither among the matchers of a metric nor in a duration. */
function isOutside(expr: string, index: number): boolean {
  const before = expr.slice(0, index)
  const depth = (open: string, close: string) => before.split(open).length - before.split(close).length
  return depth('{', '}') === 0 && depth('[', ']') === 0 && !/\d$/.test(before)
}

/**
 * Pictures for a phone, drawn off the main thread. Every text comes in the group's language, and every amount as the
 * plain decimal that is shown. A picture is an addition: where it cannot be made in time the answer is undefined, and
 * whoever asked sends words alone.
 */
export type Pictures = {
  /** A PNG. */
  vote(facts: VotePicture): Promise<Buffer | undefined>
  /** A PNG. */
  performance(facts: PerformancePicture): Promise<Buffer | undefined>
  close(): Promise<void>
}

export type VotePicture = {
  title: string
  approved: boolean
  /** Such as "Approved: more yes than no". */
  verdict: string
  /** How many, in this order, each with its label. */
  counts: { label: string; count: number }[]
  /** Heads the stakes; empty where there are none to show. */
  stakesTitle: string
  /** Largest first; only so many as fit are shown. */
  stakes: { name: string; amount: string }[]
  /** For those that do not fit, such as "and 12 more"; empty where all fit. */
  more: (hidden: number) => string
  currency: string
}

export type PerformancePicture = {
  title: string
  subtitle: string
  /** Oldest first; the label is the time as the group reads it. */
  points: { label: string; value: string }[]
  currency: string
  /** Stands under the chart, such as where the prices are from. */
  note: string
}

/**
 * A store or queue cannot be reached, or its answer never came. Nothing is known to be lost; the caller must not
 * acknowledge what it was doing, and may try the same thing again.
 */
export class Unavailable extends Error {
  override name = 'Unavailable'
}

/** The operator must act before the bot can start; the message says how. */
export class CannotStart extends Error {
  override name = 'CannotStart'
}

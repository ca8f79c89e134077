import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** Collects all garbage now, in a process that was not started to be asked for it. */
export const collectGarbage: () => void = runInNewContext('gc')

// A worker thread does not take over the loader of the sources from the main thread. Built code does not need this file.
import { register } from 'tsx/esm/api'

register()
await import('./worker.ts')

import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import { searchPath } from './database-pool.ts'

const INT8 = 20

/** The defaults take 300 MB; with few shared buffers about half of that. */
const settings = { search_path: searchPath, shared_buffers: '4MB', wal_buffers: '256kB', max_wal_size: '64MB' }

export const embeddedOptions = (dataDir: string): PGliteOptions => ({
  dataDir,
  parsers: { [INT8]: Number },
  startParams: [...PGlite.defaultStartParams, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
})

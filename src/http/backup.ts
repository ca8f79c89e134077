import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type RequestHandler, type Response, Router } from 'express'
import { MINUTE, within } from '../lib/clock.ts'
import { Unavailable } from '../lib/errors.ts'
import { newWriteId } from '../lib/ids.ts'
import { type Log, logFailure } from '../lib/log.ts'

export type BackupParts = {
  /** Writes the whole backup to a file, which only its owner may read. Throws `Unavailable`. */
  take(path: string): Promise<unknown>
  /** Where the file is until it is sent. */
  folder: string
  log: Log
}

/** Who receives it no faster is left. */
const SEND_LIMIT_MS = 10 * MINUTE
const RETRY_AFTER_SECONDS = 10

/**
 * Sends a backup of everything, one at a time. It is first written to a file: who receives it slowly must not hold up the
 * database, and what fails is told as such instead of sending half of it.
 */
export function createBackupPage({ take, folder, log }: BackupParts): RequestHandler {
  const router = Router()
  let isTaking = false
  const takeAndSend = async (path: string, response: Response): Promise<undefined> => {
    await take(path)
    await send(path, response)
  }
  router.head('/', (_request, response) => void response.type('gz').end())
  router.get('/', async (_request, response) => {
    if (isTaking) return say(response, 409, 'another backup is being taken')
    isTaking = true
    const path = join(folder, `.backup.${newWriteId()}`)
    const failure = await takeAndSend(path, response).catch((error: unknown) => ({ error }))
    await rm(path, { force: true })
    isTaking = false
    if (!failure) return log.info('a backup was taken')
    const { error } = failure
    logFailure(log, error, 'a backup could not be taken, or was not received')
    if (response.headersSent) response.destroy()
    else say(response, error instanceof Unavailable ? 503 : 500, 'the backup could not be taken; see the log')
  })
  return router
}

function say(response: Response, status: number, words: string): void {
  if (status === 503) response.set('retry-after', String(RETRY_AFTER_SECONDS))
  response.status(status).type('text/plain').send(`${words}\n`)
}

async function send(path: string, response: Response): Promise<void> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    // The name can go already, so that not even a kill leaves anything behind.
    await rm(path)
    response.type('gz').set('content-length', String(size)).attachment('tradevote.backup.gz')
    const contents = file.createReadStream({ autoClose: false })
    await within(SEND_LIMIT_MS, undefined, (signal) => pipeline(contents, response, { signal }))
  } finally {
    await file.close()
  }
}

import { connect, type Socket } from 'node:net'

/** A connection that is kept open, with one request under way at a time. */
export type Line = {
  /** Resolves with the status of the answer; 0 where the connection broke. */
  post(body: string): Promise<number>
  close(): void
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/**
 * As little HTTP as a load needs, so that it costs a fraction of what it measures: one write a request, and of an answer
 * only where it ends.
 */
export function openLine(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<Line> {
  const fixed = Object.entries({ host: `127.0.0.1:${port}`, 'content-type': 'application/json', ...headers })
  const head = `POST ${path} HTTP/1.1\r\n${fixed.map(([name, value]) => `${name}: ${value}\r\n`).join('')}content-length: `
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    let answered: ((status: number) => void) | undefined
    let got = Buffer.alloc(0)
    const settle = (status: number) => {
      const tell = answered
      answered = undefined
      got = Buffer.alloc(0)
      tell?.(status)
    }
    socket.on('data', (chunk) => {
      got = got.length === 0 ? chunk : Buffer.concat([got, chunk])
      if (isWhole(got)) settle(Number(got.toString('latin1', 9, 12)))
    })
    socket.on('close', () => settle(0))
    socket.on('error', (error) => {
      reject(error)
      settle(0)
    })
    socket.once('connect', () =>
      resolve({
        post: (body) =>
          new Promise((tell) => {
            answered = tell
            if (socket.destroyed) return settle(0)
            socket.write(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`)
          }),
        close: () => socket.destroy(),
      }),
    )
  })
}

function isWhole(got: Buffer): boolean {
  const end = got.indexOf(END_OF_HEAD)
  if (end < 0) return false
  const head = got.toString('latin1', 0, end)
  const length = /content-length: *(\d+)/i.exec(head)
  if (length) return got.length >= end + 4 + Number(length[1])
  return !/transfer-encoding: *chunked/i.test(head) || got.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
}

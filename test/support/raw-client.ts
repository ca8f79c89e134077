import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export type RawAnswer = { status: number; body: string }

/** One kept connection, for one request after another. Much cheaper than Node's own client, which corrects what is sent. */
export type RawClient = {
  send(method: string, path: string, headers: Record<string, string>, body: string): Promise<RawAnswer>
  close(): void
}

export function createRawClient(port: number): RawClient {
  let socket: Socket | undefined

  const opened = async (): Promise<Socket> => {
    if (socket && !socket.destroyed && socket.writable) return socket
    socket = connect(port, '127.0.0.1').on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }

  const answerOn = (at: Socket): Promise<RawAnswer> =>
    new Promise((resolve, reject) => {
      let text = ''
      const settle = (outcome: () => void) => {
        at.off('data', hear).off('close', closed)
        outcome()
      }
      const closed = () => settle(() => reject(new Error(`the connection was closed after “${text.slice(0, 300)}”`)))
      const hear = (chunk: Buffer) => {
        text += chunk.toString('latin1')
        const head = text.indexOf('\r\n\r\n')
        if (head < 0) return
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, head + 2))?.[1] ?? 0)
        const body = text.slice(head + 4)
        if (body.length < length) return
        settle(() => resolve({ status: Number(text.slice(9, 12)), body: Buffer.from(body, 'latin1').toString() }))
      }
      at.on('data', hear).on('close', closed)
    })

  return {
    async send(method, path, headers, body) {
      const at = await opened()
      const answer = answerOn(at)
      const lines = Object.entries({ host: 'localhost', ...headers, 'content-length': String(Buffer.byteLength(body)) })
      at.write(`${method} ${path} HTTP/1.1\r\n${lines.map((line) => line.join(': ')).join('\r\n')}\r\n\r\n${body}`)
      return answer
    },
    close: () => void socket?.destroy(),
  }
}

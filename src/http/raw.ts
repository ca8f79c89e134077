import type { IncomingMessage, ServerResponse } from 'node:http'

/** For what is answered before Express: a request is read whole, up to a limit, and answered at once. */
export type RawHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  body = '',
): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** What is larger is not read to its end: answer 413, and close the connection. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | 'too large' | 'broken off'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > limit) {
        resolve('too large')
        request.pause()
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    request.on('close', () => resolve('broken off'))
    request.on('error', () => resolve('broken off'))
  })
}

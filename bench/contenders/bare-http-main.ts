import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const server = createServer((request, response) => {
  request.on('data', () => undefined)
  request.on('end', () => {
    const body =
      '{"method":"answerCallbackQuery","callback_query_id":"438200000001234567","text":"Changed: no","show_alert":false}'
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
  })
})
server.listen(0, '127.0.0.1', () => process.send!({ result: (server.address() as AddressInfo).port }))

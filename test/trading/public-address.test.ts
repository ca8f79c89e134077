import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { expect, test } from 'vitest'
import { isPublicAddress, publicOnly, urlProblem } from '../../src/trading/public-address.ts'

test.each([
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '223.255.255.255',
  '2606:4700::1',
  '2a00::',
  '2001:4860:4860::8888',
  '3ffe::1',
])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

test.each([
  // This host and this network, private networks, the carrier's, loopback, link-local with its metadata services.
  '0.0.0.0',
  '0.255.255.255',
  '10.0.0.0',
  '10.255.255.255',
  '100.64.0.0',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.255',
  '169.254.0.0',
  '169.254.169.254',
  '172.16.0.0',
  '172.31.255.255',
  '192.168.0.0',
  '192.168.255.255',
  // Protocols, examples, measurements, relays.
  '192.0.0.8',
  '192.0.2.1',
  '192.88.99.1',
  '198.18.0.0',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  // Multicast, reserved, broadcast.
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.0',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:1.1.1.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::1.1.1.1',
  '64:ff9b:1::a00:1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  'fc00::1',
  'fdff::1',
  'fe80::1',
  'fe80::1%eth0',
  '2606:4700::1%eth0',
  'fec0::1',
  'ff02::1',
  // No address at all.
  '',
  'example.com',
  '127.1',
  '0x7f000001',
  '[::1]',
])('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

const resolver =
  (...answers: (LookupAddress[] | Error)[]): LookupFunction =>
  (_hostname, options, callback) => {
    expect(options.all).toBe(true)
    const answer = answers.shift() ?? []
    if (answer instanceof Error) callback(answer as NodeJS.ErrnoException, [])
    else callback(null, answer)
  }

const look = (lookup: LookupFunction, all: boolean) =>
  new Promise<unknown>((resolve, reject) =>
    lookup('orders.example.com', { all }, (error, address, family) =>
      error ? reject(error) : resolve(all ? address : [address, family]),
    ),
  )

const PUBLIC = { address: '1.1.1.1', family: 4 }
const PRIVATE = { address: '10.0.0.1', family: 4 }
const LOOPBACK = { address: '::1', family: 6 }

test('of the addresses of a name only the public ones are given to the connection', async () => {
  expect(await look(publicOnly(resolver([LOOPBACK, PRIVATE, PUBLIC])), true)).toEqual([PUBLIC])
  expect(await look(publicOnly(resolver([PRIVATE, PUBLIC])), false)).toEqual(['1.1.1.1', 4])
})

test.each([true, false])('a name without any fails, asked for all: %s', async (all) => {
  await expect(look(publicOnly(resolver([PRIVATE, LOOPBACK])), all)).rejects.toThrow('not at a public address')
  await expect(look(publicOnly(resolver([])), all)).rejects.toThrow('not at a public address')
  await expect(look(publicOnly(resolver(new Error('ENOTFOUND'))), all)).rejects.toThrow('ENOTFOUND')
})

test('every connection is checked anew, since a name can change what it stands for', async () => {
  const lookup = publicOnly(resolver([PUBLIC], [PRIVATE]))
  expect(await look(lookup, true)).toEqual([PUBLIC])
  await expect(look(lookup, true)).rejects.toThrow('not at a public address')
})

test('where private addresses are allowed, http is, and no other protocol', () => {
  expect(urlProblem(new URL('http://127.0.0.1:8080/'), true)).toBeUndefined()
  expect(urlProblem(new URL('https://localhost/'), true)).toBeUndefined()
  expect(urlProblem(new URL('ws://127.0.0.1/'), true)).toBeDefined()
  expect(urlProblem(new URL('https://orders.example.com/'), false)).toBeUndefined()
  expect(urlProblem(new URL('https://1.1.1.1/'), false)).toBeUndefined()
  expect(urlProblem(new URL('https://localhost.example.com/'), false)).toBeUndefined()
})

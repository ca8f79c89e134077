import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Special-purpose blocks of IPv4 (RFC 6890 and its register), with multicast and the reserved rest. */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

/**
 * Of IPv6 only global unicast is public. Everything else is outside of it: loopback, link-local, unique local, multicast,
 * IPv4-mapped addresses and NAT64. Inside are blocks that carry other addresses (Teredo, 6to4) or lead nowhere.
 */
const GLOBAL_IPV6 = '2000::/3'
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

function blocks(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [net, prefix] = range.split('/')
    list.addSubnet(net!, Number.parseInt(prefix!, 10), family)
  }
  return list
}

const specialIpv4 = blocks('ipv4', SPECIAL_IPV4)
const specialIpv6 = blocks('ipv6', SPECIAL_IPV6)
const globalIpv6 = blocks('ipv6', [GLOBAL_IPV6])

/** Whether an address literal, without brackets, belongs to the public internet. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !specialIpv4.check(address, 'ipv4')
    case 6:
      // An address with a zone belongs to one link.
      return !address.includes('%') && globalIpv6.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6')
    default:
      return false
  }
}

/** The host of a URL as it is connected to: an IPv6 literal without its brackets, a name without the root's dot. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')

/**
 * What is wrong with a URL before its name is looked up. The URL parser has already written `0x7f.1`, `2130706433` and
 * the like as plain dotted decimals.
 */
export function urlProblem(url: URL, allowPrivate: boolean): string | undefined {
  if (url.username !== '' || url.password !== '') return 'should not hold a user or a password'
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) return 'should start with https://'
  if (allowPrivate) return undefined
  const host = hostOf(url)
  if (/(^|\.)localhost$/.test(host)) return 'should be a public address, not this machine'
  return isIP(host) !== 0 && !isPublicAddress(host) ? 'should be a public address' : undefined
}

/**
 * A resolver that answers public addresses only, and fails where there are none. Given to the connection itself, it
 * checks the very address that is connected to, whatever the name stood for a moment ago.
 */
export const publicOnly =
  (resolve: LookupFunction): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [])
      const addresses = (Array.isArray(found) ? found : []).filter(({ address }) => isPublicAddress(address))
      const [first] = addresses
      if (!first) return callback(new Error(`${hostname} is not at a public address`), [])
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })

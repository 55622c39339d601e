// Loaded before every test file: no test leaves the machine. A connection to an address that is not loopback, or a
// question to a name server that is not, fails at once, and the file fails at its end even if nobody looked.
//
// Rule 1: only what this process does is watched; programs that tests start get loopback name servers by their settings.

import dns from 'node:dns'
import net from 'node:net'
import { syncBuiltinESMExports } from 'node:module'
import { IPV6_PREFIX, isIsolated } from './isolation.ts'

const strays: string[] = []

function stray(what: string): Error {
  const error = new Error(`a test may not leave the machine: ${what}`)
  strays.push(error.message)
  return error
}

const isLoopback = (address: string): boolean =>
  /^(?:127\.|::1$|\[::1\]|::ffff:127\.|localhost$)/.test(address) ||
  (isIsolated() && address.replace('[', '').startsWith(`${IPV6_PREFIX}:`))

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function guarded(this: net.Socket, ...args: unknown[]): net.Socket {
  const host = hostOf(args)
  // Names are looked up by `dns.lookup`, which is guarded below.
  if (host !== undefined && net.isIP(host) !== 0 && !isLoopback(host)) throw stray(`connection to ${host}`)
  return Reflect.apply(connect, this, args)
}

/** The host among what `connect` takes: options, or port and host, wrapped once more when Node calls it itself. */
function hostOf(args: readonly unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args
  if (typeof first === 'object' && first !== null && 'host' in first) return String(first.host)
  return typeof second === 'string' ? second : undefined
}

/** Lets a method of a resolver through only while all its servers are loopback. */
function guardResolver(prototype: object, servers: (self: unknown) => readonly string[]): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const original: unknown = Reflect.get(prototype, name)
    if (!/^(?:resolve|reverse|query)/.test(name) || typeof original !== 'function') continue
    Reflect.set(prototype, name, function guarded(this: unknown, ...args: unknown[]): unknown {
      const outside = servers(this).find((server) => !isLoopback(server))
      if (outside !== undefined) throw stray(`${name}(${String(args[0])}) asked of ${outside}`)
      return Reflect.apply(original, this, args)
    })
  }
}

const serversOf = (self: unknown): readonly string[] =>
  self instanceof dns.Resolver || self instanceof dns.promises.Resolver ? self.getServers() : dns.getServers()

guardResolver(dns.Resolver.prototype, serversOf)
guardResolver(dns.promises.Resolver.prototype, serversOf)
guardResolver(dns, () => dns.getServers())
guardResolver(dns.promises, () => dns.getServers())

function guardLookup(holder: object): void {
  const original: unknown = Reflect.get(holder, 'lookup')
  if (typeof original !== 'function') return
  Reflect.set(holder, 'lookup', (...args: unknown[]): unknown => {
    const name = String(args[0])
    if (net.isIP(name) === 0 && name !== 'localhost') throw stray(`lookup of ${name}`)
    return Reflect.apply(original, holder, args)
  })
}

guardLookup(dns)
guardLookup(dns.promises)
syncBuiltinESMExports()

process.on('exit', () => {
  if (strays.length === 0) return
  process.stderr.write(`${strays.join('\n')}\n`)
  process.exitCode = 1
})

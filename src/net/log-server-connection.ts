// The connection to a log server: TLS from the first byte, with its name proven by the CAs that the settings name and by no
// others. RFC 5425 §4.2, §5.2; versions and suites are those of a profile.

import { isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls'
import { readText } from '../trust/files.ts'
import { handshakeOptions } from '../trust/profiles/handshake.ts'
import type { Profile } from '../trust/profiles/profile.ts'
import { connectTo } from './connect.ts'
import { heedless, tlsFailure } from './failure.ts'
import type { AddressResolution } from './resolve.ts'

/** Where a log server is, and who it has to be; as the settings say. */
export interface LogServerPlace {
  readonly host: string
  readonly port: number
  /** What its certificate has to prove. */
  readonly name: string
  /** PEM files; they alone vouch for it. */
  readonly anchors: readonly string[]
  /** What we show; undefined: nothing. */
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
}

export interface LogConnection {
  readonly place: LogServerPlace
  readonly profile: Profile
  addresses(host: string): Promise<AddressResolution>
  /** For TCP and for TLS, each. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export type LogConnected =
  | {
      readonly ok: true
      readonly socket: TLSSocket
      readonly tls: { readonly version: string; readonly cipher: string }
    }
  | { readonly ok: false; readonly detail: string }

const failed = (detail: string): LogConnected => ({ ok: false, detail })

/** `host:port`, as it is told. */
export const nameOfPlace = ({ host, port }: Pick<LogServerPlace, 'host' | 'port'>): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Tries its addresses one after the other. The files are read anew each time, so that renewed ones count. Never rejects. */
export async function connectToLogServer(o: LogConnection): Promise<LogConnected> {
  const { place, timeoutMs, signal } = o
  const files = await filesOf(place)
  if (typeof files === 'string') return failed(files)
  const found: AddressResolution =
    isIP(place.host) > 0 ? { ok: true, addresses: [place.host] } : await o.addresses(place.host)
  if (!found.ok) return failed(found.detail)
  let last = failed('no address')
  for (const host of found.addresses) {
    if (signal.aborted) break
    const tcp = await connectTo({ host, port: place.port, timeoutMs, localAddress: undefined, signal })
    last = tcp.ok ? await secured(tcp.won, files, o) : failed(tcp.lost.detail)
    if (last.ok) return last
  }
  return last
}

interface Files {
  readonly ca: readonly string[]
  readonly cert: string | undefined
  readonly key: string | undefined
}

async function filesOf({ anchors, certFile, keyFile }: LogServerPlace): Promise<Files | string> {
  const names = [...anchors, ...(certFile === undefined || keyFile === undefined ? [] : [certFile, keyFile])]
  const texts: string[] = []
  for (const name of names) {
    const read = await readText(name)
    if ('fault' in read) return `${name}: ${read.fault}`
    texts.push(read.text)
  }
  const [cert, key] = texts.slice(anchors.length)
  return { ca: texts.slice(0, anchors.length), cert, key }
}

function secured(
  plain: Socket,
  { ca, cert, key }: Files,
  { place, profile, timeoutMs, signal }: LogConnection,
): Promise<LogConnected> {
  return new Promise((resolve) => {
    const settle = (outcome: LogConnected): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      if (!outcome.ok) plain.destroy()
      resolve(outcome)
    }
    const cancel = (): void => settle(failed('no longer wanted'))
    const timer = setTimeout(() => settle(failed(`no handshake within ${timeoutMs} ms`)), timeoutMs)
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const socket = connect({
        ...handshakeOptions(profile),
        ...{ socket: plain, ca: [...ca], cert, key, servername: isIP(place.name) > 0 ? '' : place.name },
        // Said, since NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would else decide.
        rejectUnauthorized: true,
        checkServerIdentity: (_, certificate) => checkServerIdentity(place.name, certificate),
      })
      socket.on('error', heedless)
      socket.once('error', (error) => settle(failed(tlsFailure(error).detail)))
      socket.once('close', () => settle(failed('closed during the handshake')))
      socket.once('secureConnect', () => {
        const tls = { version: socket.getProtocol() ?? '', cipher: socket.getCipher().name }
        settle({ ok: true, socket, tls })
      })
    } catch (error) {
      // What the files hold is no certificate, or the key of another.
      settle(failed(tlsFailure(error).detail))
    }
  })
}

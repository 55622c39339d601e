// The web server that an operator puts before the HTTP side of a core: it ends TLS and hands on what it is asked, under the
// name it was asked for.

import assert from 'node:assert/strict'
import { request as onward, type IncomingMessage } from 'node:http'
import { createServer, get } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Issued } from './pki.ts'
import type { Cleanup } from './program.ts'

export interface ReverseProxy {
  readonly address: string
  readonly certificate: Issued
  /** The core's. */
  readonly to: { readonly host: string; readonly port: number }
}

/** Serves on port 443; gives what was asked of it, as `PUT /path`. */
export async function reverseProxy(t: Cleanup, { address, certificate, to }: ReverseProxy): Promise<readonly string[]> {
  const asked: string[] = []
  const { fullchainPem: cert, keyPem: key } = certificate
  const server = createServer({ cert, key }, (request, response) => {
    const { method = '', url = '', headers } = request
    asked.push(`${method} ${url}`)
    const next = onward({ ...to, method, path: url, headers })
    next.on('response', (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)))
    next.on('error', () => response.writeHead(502).end())
    request.pipe(next)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(443, address, resolve))
  t.after(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return asked
}

/** What is there, by way of the proxy at this address. */
export async function fileAt(url: URL, address: string, ca: Issued): Promise<string> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { ca: ca.pem, lookup: (_, __, tell) => tell(null, [{ address, family: 4 }]) }, resolve).on('error', reject)
  })
  assert.equal(answer.statusCode, 200)
  return await text(answer)
}

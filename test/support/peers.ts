// Programs that a test needs and a machine may lack. A missing one skips the test, loudly; with REQUIRE_PEERS=1 (CI) it
// fails instead, so that peers cannot be skipped until none is left.

import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { isIsolated } from '../isolation.ts'

/** What tests may need, and the Debian package that has it. */
const PEERS = {
  prosody: { program: 'prosody', install: 'apt install prosody lua-unbound' },
  prosodyModules: { module: '/usr/lib/prosody/modules/mod_auth_ccert', install: 'apt install prosody-modules' },
  ejabberd: { program: 'ejabberdctl', install: 'apt install ejabberd' },
  dnsmasq: { program: 'dnsmasq', install: 'apt install dnsmasq-base' },
  unbound: { program: 'unbound', install: 'apt install unbound' },
  bind: { program: 'named', install: 'apt install bind9' },
  haproxy: { program: 'haproxy', install: 'apt install haproxy' },
  openssl: { program: 'openssl', install: 'apt install openssl' },
  nft: { program: 'nft', install: 'apt install nftables' },
  sslscan: { program: 'sslscan', install: 'apt install sslscan' },
  testssl: { program: 'testssl', install: 'apt install testssl.sh' },
  slapd: { program: 'slapd', install: 'apt install slapd' },
  syslogNg: { program: 'syslog-ng', install: 'apt install syslog-ng-core' },
  script: { program: 'script', install: 'apt install bsdutils' },
  profanity: { program: 'profanity', install: 'apt install profanity' },
  tmux: { program: 'tmux', install: 'apt install tmux' },
  chromium: { program: 'chromium', install: 'apt install chromium' },
  certutil: { program: 'certutil', install: 'apt install libnss3-tools' },
  root: {
    program: 'setpriv',
    install: 'run the tests as root: DNS servers listen on port 53, ejabberd gets a mount of its own',
  },
  isolation: {
    program: 'ip',
    install: 'run `npm test` as root, with iproute2 and util-linux: it makes a network of its own',
  },
} as const

export type Peer = keyof typeof PEERS

/** Options for node:test: skips the test, with the reason, when a program is missing. Throws under REQUIRE_PEERS=1. */
export function needsPeer(...names: readonly Peer[]): { readonly skip?: string } {
  const missing = names.filter((name) => !isThere(name))
  if (missing.length === 0) return {}
  const what = missing.map((name) => `${name} is missing (${PEERS[name].install})`).join('; ')
  if (process.env['REQUIRE_PEERS'] === '1') throw new Error(`REQUIRE_PEERS=1, but ${what}`)
  process.stderr.write(`SKIPPED: ${what}\n`)
  return { skip: what }
}

function isThere(name: Peer): boolean {
  if (name === 'root' && process.getuid?.() !== 0) return false
  if (name === 'isolation' && !isIsolated()) return false
  const peer = PEERS[name]
  if ('module' in peer) return existsSync(peer.module)
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, peer.program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

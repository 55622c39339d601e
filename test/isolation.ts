// A network of the tests' own: loopback, and an address that leads nowhere. There the fixed addresses of the tests meet nobody
// else's, IPv6 has as many as are wanted, and packets can be dropped without anybody noticing. All tests have one together,
// and within it a file that uses fixed addresses has one of its own (`apart.ts`). Root only; others run on the machine's own
// network, and what needs this one is skipped there.

import { spawnSync } from 'node:child_process'
import process from 'node:process'

/** Set for whoever runs inside. */
const MARK = 'SALLYPORT_TEST_NETWORK'

/** The prefix whose addresses are all this machine's own, a /48. RFC 4193 */
export const IPV6_PREFIX = 'fd53:616c:6c79'

export const isIsolated = (): boolean => process.env[MARK] === '1'

// Any address of the prefix is local, and may be listened on without being given to an interface one by one.
const SET_UP = [
  'ip link set lo up',
  // An address that is not loopback, as every machine has one; nobody is at the other end.
  'ip link add name near type veth peer name far',
  'ip addr add 192.0.2.1/32 dev near',
  'ip link set near up',
  'ip link set far up',
  `ip -6 route add local ${IPV6_PREFIX}::/48 dev lo`,
  'echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind',
  'exec "$@"',
].join(' && ')

/** How `unshare` runs a program in a new network. */
export const inNewNetwork = (...program: readonly string[]): readonly string[] => [
  '--net',
  'sh',
  '-c',
  SET_UP,
  'sh',
  ...program,
]

/** Runs a program of Node in such a network. @returns its exit code; undefined where there can be none here */
export function runIsolated(args: readonly string[]): number | undefined {
  if (isIsolated() || process.getuid?.() !== 0) return undefined
  if (spawnSync('unshare', inNewNetwork('true')).status !== 0) return undefined
  const env = { ...process.env, [MARK]: '1' }
  const { status } = spawnSync('unshare', inNewNetwork(process.execPath, ...args), { stdio: 'inherit', env })
  return status ?? 1
}

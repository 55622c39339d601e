// Accounts of ours at live partners, as files that only their owner reads: who, by which password, and where that is not found by
// itself, at which address. A password is never typed on a command line, where everybody on the host can read it.

import { readFile, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { domainToASCII } from 'node:url'
import { loadConfig } from '../config/load.ts'
import { type PeerAccountFile, readPeerAccount } from '../config/peer-account.ts'
import type { PeerAccount } from '../conformance/partner/pairing.ts'
import type { WrongDomains } from '../conformance/partner/wrong.ts'
import { Resolver, type Target } from '../net/resolve.ts'
import { loadAnchors } from '../trust/anchors.ts'
import type { ProfileName } from '../trust/profiles/profile.ts'
import { verifyPeer } from '../trust/verify.ts'
import { UsageError } from './arguments.ts'
import { type CommandContext, EXIT } from './command.ts'
import { CommandError, shorter } from './errors.ts'

const CLIENT_PORT = 5222

export interface AccountWords {
  readonly profile: ProfileName
  readonly peers: readonly string[]
  readonly files: readonly string[]
  /** Instead of what the file says, where there is one file alone. */
  readonly address?: string | undefined
  readonly room?: string | undefined
}

/** By partner. @throws UsageError for what was typed, CommandError where a file does not read, is open to others or knows no partner */
export async function accountsOf(
  context: CommandContext,
  { profile, peers, files, address, room }: AccountWords,
): Promise<ReadonlyMap<string, PeerAccount>> {
  if (files.length !== 1 && (address !== undefined || room !== undefined))
    throw new UsageError(
      '--peer-address and --peer-room are for one --peer-account; with several write them into the files',
      'conformance',
    )
  if (files.length === 0) return new Map()
  const { directory, now } = context
  const read = await Promise.all(
    files.map(async (name) => {
      const file = within(directory, name)
      const said = {
        ...(await readAccount(file)),
        ...(address !== undefined && { address }),
        ...(room !== undefined && { room }),
      }
      const [user = '', written = ''] = said.account.split('@')
      const domain = domainToASCII(written)
      if (!peers.includes(domain)) throw new UsageError(`${file}: ${written} is no --peer`, 'conformance')
      const place = said.address === undefined ? undefined : placeOf(said.address)
      return { said, user, domain, place, room: roomOf(said, file, domain), wrong: wrongOf(said, file, domain) }
    }),
  )
  const twice = read.find(({ domain }, index) => read.findIndex((one) => one.domain === domain) !== index)
  if (twice) throw new UsageError(`two accounts at ${twice.domain}`, 'conformance')
  const { settings } = await loadConfig(join(directory, 'federation-config'), { now: now() })
  if (!settings) throw faulty('the configuration is faulty', 'sallyport check says where.')
  const resolver = new Resolver(settings.dns)
  const accounts = new Map<string, PeerAccount>()
  for (const { said, user, domain, place, room: at, wrong } of read) {
    const { anchors, findings } = await loadAnchors(
      said.anchors?.map((one) => within(directory, one)) ?? settings.trust.anchors,
    )
    const fault = findings.find(({ severity }) => severity === 'error')
    if (fault)
      throw faulty(`${shorter(fault.file)}: ${fault.message}`, 'Mend that file, or name another under anchors.')
    const trust = { anchors, pins: [] }
    accounts.set(domain, {
      ...{ user, domain, password: said.password, profile, room: at },
      wrong,
      places: () => placesOf(resolver, domain, place),
      addresses: (host) => resolver.addresses(host),
      verify: (chain) => verifyPeer(chain, { domain, trust, side: 'server', now: now() }),
    })
  }
  return accounts
}

/** As they are asked for, in A-labels; all of them below the partner. */
function wrongOf({ wrong = {} }: PeerAccountFile, file: string, partner: string): WrongDomains {
  const domains = Object.entries(wrong).map(([kind, written]) => [kind, domainToASCII(written ?? '')] as const)
  const other = domains.find(([, domain]) => !domain.endsWith(`.${partner}`))
  if (other) throw new UsageError(`${file}: wrong: write ${other[0]} as a domain below ${partner}`, 'conformance')
  return Object.fromEntries(domains)
}

async function readAccount(file: string): Promise<PeerAccountFile> {
  // SECURITY: a password that others can read is theirs too.
  if (((await stat(file)).mode & 0o077) !== 0)
    throw faulty(`${shorter(file)}: others than its owner may read or write it`, `Run: chmod 600 ${shorter(file)}`)
  const { account, fault } = readPeerAccount(await readFile(file, 'utf8'))
  if (account) return account
  throw faulty(`${shorter(file)}: ${fault}`, 'It says account and password, and may say address, room and anchors.')
}

const faulty = (message: string, act: string): CommandError =>
  new CommandError('configuration', message, act, EXIT.configuration)

async function placesOf(resolver: Resolver, domain: string, place: Target | undefined): Promise<readonly Target[]> {
  if (place !== undefined) return [place]
  const found = await resolver.clients(domain)
  if (!found.ok)
    throw faulty(
      `where ${domain} takes clients is not found: ${found.reason} ${found.detail}`.trimEnd(),
      'Write its address into the file of the account.',
    )
  return found.targets
}

/** `host`, `host:port` or `[address]:port`. */
function placeOf(address: string): Target {
  const [, six, host, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(address) ?? []
  const where = six ?? host
  if (where === undefined || Number(port ?? CLIENT_PORT) > 65_535)
    throw new UsageError(`"${address}" is no host and port`, 'conformance')
  return { host: where, port: Number(port ?? CLIENT_PORT), tls: 'starttls' }
}

/** `name@service`, below the partner. */
function roomOf({ room }: PeerAccountFile, file: string, domain: string): string | undefined {
  if (room === undefined) return undefined
  const [, name, service = ''] = /^([^\s"&'/:<>@]+)@([^\s"&'/:<>@]+)$/.exec(room) ?? []
  const at = domainToASCII(service)
  if (name === undefined || !at.endsWith(`.${domain}`))
    throw new UsageError(`${file}: write the room as name@service.${domain}`, 'conformance')
  return `${name}@${at}`
}

const within = (directory: string, path: string): string => (isAbsolute(path) ? path : join(directory, path))

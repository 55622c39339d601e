// The part of `check --online`: what partners find in DNS about our domains, and whether the core can be reached. The
// domains of an evaluation set-up are nobody's, so DNS is not asked about them.

import { connect } from 'node:net'
import type { ListenAddress, Settings } from '../config/settings.ts'
import { Resolver } from '../net/resolve.ts'
import type { Checked } from './checked.ts'
import { defaultHost, srvRecord } from './dns-records.ts'
import { describeError } from './errors.ts'
import { bracketed, hostPort } from './quickstart-plan.ts'

/** What is asked of DNS. */
export type Questions = Pick<Resolver, 'federation' | 'addresses'>

export async function checkOnline(
  settings: Settings,
  resolver: Questions = new Resolver(settings.dns),
): Promise<readonly Checked[]> {
  const records = settings.evaluation ? [NOT_ASKED] : publishedRecords(settings, resolver)
  return [await coreReachable(settings), ...(await records)]
}

const NOT_ASKED: Checked = {
  area: 'dns',
  severity: 'ok',
  subject: '',
  message: 'DNS is not asked for an evaluation set-up, whose partners are on this host',
}

type Found = Awaited<ReturnType<Questions['federation']>>

/** What partners find in DNS about each of our domains. */
export async function publishedRecords(
  settings: Settings,
  resolver: Questions = new Resolver(settings.dns),
): Promise<readonly Checked[]> {
  const { domains, listen } = settings
  const found = await Promise.all(domains.map(({ domain }) => resolver.federation(domain)))
  const host = gatewayHost(domains[0]?.domain ?? '', found[0])
  const gateway = { host, entrances: listen.federation, resolver }
  return Promise.all(domains.map(({ domain }, at) => publishedRecord(domain, found[at]!, gateway)))
}

/** Where all our domains are to lead: to where the first one does, or else where `quickstart` would have it lead. */
export function gatewayHost(first: string, found: Found | undefined): string {
  const published = found?.ok === true ? found.targets.find(({ host }) => host !== first) : undefined
  return published?.host ?? defaultHost(first)
}

interface Gateway {
  /** Its name in public DNS. */
  readonly host: string
  /** Where it listens for partners. */
  readonly entrances: readonly ListenAddress[]
  readonly resolver: Questions
}

async function publishedRecord(domain: string, found: Found, { host, entrances, resolver }: Gateway): Promise<Checked> {
  const main = entrances.find(({ tls }) => tls === 'starttls') ?? entrances[0]
  const publish = `Publish ${srvRecord(domain, main?.port ?? 5269, host, main?.tls)} and an address for that host.`
  const about = { area: 'dns', subject: domain } as const
  if (!found.ok)
    return { ...about, severity: 'error', message: `partners do not find it: ${found.detail}`, act: publish }
  const lost: string[] = []
  for (const target of found.targets) {
    const resolution = await resolver.addresses(target.host)
    if (!resolution.ok) lost.push(`${target.host} (${resolution.detail})`)
  }
  const targets = found.targets.map((target) => `${bracketed(target.host)}:${portText(target)}`).join(', ')
  if (lost.length === found.targets.length) {
    const message = `partners are led to ${targets}, and find no address: ${lost.join(', ')}`
    return { ...about, severity: 'error', message, act: publish }
  }
  if (lost.length > 0) {
    const message = `partners are led to ${targets}; without an address: ${lost.join(', ')}`
    return {
      ...about,
      severity: 'warning',
      message,
      act: 'Publish an address for these hosts, or take them out of the SRV records.',
    }
  }
  if (!found.targets.some((target) => entrances.some(({ port, tls }) => port === target.port && tls === target.tls))) {
    const message = `partners are led to ${targets}, and this gateway listens on port ${entrances.map(portText).join(', ')}`
    return {
      ...about,
      severity: 'warning',
      message,
      act: `Fine where a balancer translates ports; otherwise: ${publish}`,
    }
  }
  return { ...about, severity: 'ok', message: `partners are led to ${targets}` }
}

const portText = ({ port, tls }: Pick<ListenAddress, 'port' | 'tls'>): string =>
  `${port}${tls === 'direct' ? ' (direct TLS)' : ''}`

async function coreReachable({ core, limits }: Settings): Promise<Checked> {
  const subject = hostPort(core)
  const socket = connect({ host: core.host, port: core.port })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.once('connect', () => resolve())
  socket.once('error', reject)
  socket.setTimeout(limits.connectMs, () => reject(new Error('no answer in time')))
  try {
    await promise
    return { area: 'core', severity: 'ok', subject, message: 'accepts connections' }
  } catch (error) {
    const { message, act, code } = describeError(error)
    return {
      area: 'core',
      severity: 'error',
      subject,
      message: `cannot be reached: ${code === 'internal' ? 'no answer in time' : message}`,
      act:
        code === 'internal' || act === undefined
          ? 'Check the firewall between gateway and core, and `core.address`.'
          : act,
    }
  } finally {
    socket.destroy()
  }
}

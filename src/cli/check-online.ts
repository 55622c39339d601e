// The part of `check --online`: what partners find in DNS about our domains, and whether the core can be reached.

import { connect } from 'node:net'
import type { Settings } from '../config/settings.ts'
import { Resolver } from '../net/resolve.ts'
import type { Checked } from './checked.ts'
import { srvRecord } from './dns-records.ts'
import { describeError } from './errors.ts'

export async function checkOnline(settings: Settings): Promise<readonly Checked[]> {
  const resolver = new Resolver(settings.dns)
  const records = settings.domains.map(({ domain }) => publishedRecord(settings, domain, resolver))
  return [await coreReachable(settings), ...(await Promise.all(records))]
}

async function publishedRecord(settings: Settings, domain: string, resolver: Resolver): Promise<Checked> {
  const ports = settings.listen.federation.map(({ port }) => port)
  const publish = `Publish ${srvRecord(domain, ports[0] ?? 5269)} and an address for that host.`
  const found = await resolver.federation(domain)
  if (!found.ok)
    return {
      area: 'dns',
      severity: 'error',
      subject: domain,
      message: `partners do not find it: ${found.detail}`,
      act: publish,
    }
  const targets = found.targets.map(({ host, port }) => `${host}:${port}`).join(', ')
  const elsewhere = found.targets.every(({ port }) => !ports.includes(port))
  if (elsewhere) {
    return {
      area: 'dns',
      severity: 'warning',
      subject: domain,
      message: `partners are led to ${targets}, and this gateway listens on ${ports.join(', ')}`,
      act: `Fine where a balancer translates ports; otherwise: ${publish}`,
    }
  }
  return { area: 'dns', severity: 'ok', subject: domain, message: `partners are led to ${targets}` }
}

async function coreReachable({ core, limits }: Settings): Promise<Checked> {
  const subject = `${core.host}:${core.port}`
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

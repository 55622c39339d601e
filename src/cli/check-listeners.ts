// The part of `check` that looks at our listeners: open in the running gateway, or free to be opened by the next one.

import { createServer } from 'node:net'
import type { StatusOutput } from '../admin/schemas.ts'
import type { ListenAddress, Settings } from '../config/settings.ts'
import type { Checked } from './checked.ts'
import { describeError } from './errors.ts'

type Place = Pick<ListenAddress, 'host' | 'port'>

export async function checkListeners(
  settings: Settings,
  running: StatusOutput | undefined,
): Promise<readonly Checked[]> {
  const wanted = [
    ...settings.listen.federation.map((place) => ({ place, name: 'federation' })),
    ...settings.listen.core.map((place) => ({ place, name: 'core' })),
    ...settings.listen.remote.map((place) => ({ place, name: 'remote' })),
    ...[settings.listen.admin ?? []].flat().map((place) => ({ place, name: 'admin' })),
  ]
  const checked: Checked[] = []
  for (const { place, name } of wanted) {
    const subject = `${name} ${placeText(place)}`
    checked.push(running === undefined ? await free(subject, place) : open(subject, place, running))
  }
  return checked
}

function open(subject: string, place: Place, running: StatusOutput): Checked {
  const listening = running.listeners.some(
    ({ address }) => address.endsWith(`:${place.port}`) && (place.host === undefined || hostOf(address) === place.host),
  )
  if (listening) return { area: 'listeners', severity: 'ok', subject, message: 'the running gateway listens' }
  return {
    area: 'listeners',
    severity: 'error',
    subject,
    message: 'the running gateway does not listen there',
    act: 'A change of listeners needs a restart of the gateway.',
  }
}

async function free(subject: string, { host, port }: Place): Promise<Checked> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ port, ...(host === undefined ? {} : { host }), exclusive: true }, resolve)
  try {
    await promise
    return { area: 'listeners', severity: 'ok', subject, message: 'free' }
  } catch (error) {
    const { message, act } = describeError(error)
    return { area: 'listeners', severity: 'error', subject, message, act }
  } finally {
    server.close()
  }
}

function placeText({ host, port }: Place): string {
  return `${host === undefined ? '*' : host.includes(':') ? `[${host}]` : host}:${port}`
}

/** `[::1]:5269` → `::1` */
function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1')
}

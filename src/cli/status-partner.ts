// `sallyport status --partner X`: how it stands with the limits of one partner.

import type { StatusOutput } from '../admin/schemas.ts'
import { tone, type Cell, type Output } from './output.ts'
import { bytes, count } from './text.ts'

type Sending = NonNullable<StatusOutput['partner']>

export function showPartnerSending(output: Output, sending: Sending): void {
  const { domain, limits, eachUser, users, pendingRequests, connections, rooms, smoothed, refused } = sending
  output.heading(`Limits of ${domain}`)
  const own = limits.map((one): [string, Cell] => [one.limit, standingText(one)])
  const each = Object.entries(eachUser).filter(([, most]) => most !== undefined)
  const refusals = Object.entries(refused).map(([reason, times]) => `${reason} ${times} times`)
  output.facts([
    ...(own.length > 0 ? own : [['it may send', 'as much as it likes'] as [string, Cell]]),
    ['each of its users', each.length > 0 ? each.map(([limit, most]) => `${limit} ${most}`).join(', ') : undefined],
    ['users measured', users > 0 ? String(users) : undefined],
    ['requests that wait', mostText(pendingRequests.now, pendingRequests.most)],
    [
      'streams to us',
      connections.most === undefined ? String(connections.now) : mostText(connections.now, connections.most),
    ],
    ['in rooms of ours', `${rooms.now}${organisationsText(rooms.organisations)}`],
    ['had to wait', count(smoothed, 'stanza')],
    ['refused since the start', refusals.length > 0 ? tone('careful', refusals.join(', ')) : 'nothing'],
  ])
}

function standingText({ limit, now, most }: Sending['limits'][number]): string {
  if (limit === 'stanzasPerSecond') return `${now} of ${most} may come at once now`
  if (limit === 'bytesPerSecond') return `${bytes(now)} of ${bytes(most)} may come at once now`
  return `${now} of ${most} today`
}

const mostText = (now: number, most: number | undefined): string =>
  most === undefined ? `${now} known; as many as come may wait` : `${now} of ${most}`

const organisationsText = (most: number | undefined): string =>
  most === undefined ? '' : `, among ${most} organisations at most, ours included`

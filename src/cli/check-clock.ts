// The part of `check --online` about the clock of this host: how far it is off, by the time servers of the settings.

import type { Settings } from '../config/settings.ts'
import { Resolver } from '../net/resolve.ts'
import { askTime, type TimeAnswer, USUAL_TIME_PORT } from '../net/sntp.ts'
import type { Checked } from './checked.ts'
import { hostPort } from './quickstart-plan.ts'

export interface ClockCheck {
  readonly settings: Pick<Settings, 'clock' | 'dns'>
  readonly now: () => number
}

/** What one server says. */
export interface ClockLook {
  readonly server: string
  readonly answer: TimeAnswer
}

const TIMEOUT_MS = 2000
/** From here on logs of several machines cannot be laid side by side. */
const SOME_MS = 1000
/** From here on certificates and answers of responders count too long or not yet. */
const MUCH_MS = 60_000

const ACT =
  'Have the time service of this host (chrony, systemd-timesyncd) set it, and look at what keeps it from that.'

/** Asks all of them. Never rejects. */
export async function lookAtClock({ settings, now }: ClockCheck): Promise<readonly ClockLook[]> {
  const resolver = new Resolver({ timeoutMs: settings.dns.timeoutMs })
  const addresses = (host: string): ReturnType<Resolver['addresses']> => resolver.addresses(host)
  return Promise.all(
    settings.clock.servers.map(async (server) => ({
      server: server.port === USUAL_TIME_PORT ? server.host : hostPort(server),
      answer: await askTime({ server, addresses, timeoutMs: TIMEOUT_MS, now }),
    })),
  )
}

/** One for each server, or that none is named. */
export async function checkClock(o: ClockCheck): Promise<readonly Checked[]> {
  const looks = await lookAtClock(o)
  if (looks.length > 0) return looks.map(checkedOf)
  const message = 'how far it is off is not known: no time servers are named in `clock.servers`'
  return [{ area: 'clock', severity: 'ok', subject: '', message }]
}

function checkedOf({ server, answer }: ClockLook): Checked {
  const about = { area: 'clock', subject: server } as const
  if (!answer.ok) {
    const act = `Open the way to it (UDP), or name another in \`clock.servers\`.`
    return { ...about, severity: 'warning', message: `how far it is off is not known: ${answer.detail}`, act }
  }
  const off = Math.abs(answer.offsetMs)
  const message = clockWords(answer)
  // What lies within the doubt is no fault of the clock.
  if (off - answer.doubtMs < SOME_MS) return { ...about, severity: 'ok', message }
  return { ...about, severity: off - answer.doubtMs < MUCH_MS ? 'warning' : 'error', message, act: ACT }
}

/** `it is 3 ms behind, give or take 12 ms (stratum 2)` */
export function clockWords({ offsetMs, doubtMs, stratum }: TimeAnswer & { readonly ok: true }): string {
  const off = Math.abs(offsetMs)
  const amount = off < SOME_MS ? `${Math.round(off)} ms` : `${(off / 1000).toFixed(1)} s`
  return `it is ${amount} ${offsetMs < 0 ? 'ahead' : 'behind'}, give or take ${Math.ceil(doubtMs)} ms (stratum ${stratum})`
}

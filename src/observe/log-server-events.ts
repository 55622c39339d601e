// Events of log servers. See `events.ts` for the rules. Servers are those of the settings, so that they are few.

import type { Desk } from './desk.ts'
import type { Metrics } from './metrics.ts'
import { because } from './stream-events.ts'

export interface LogServerFigures {
  /** `host:port`. */
  readonly server: string
  readonly isUp: boolean
  readonly waitingBytes: number
}

export interface LogServerEvents {
  /** It takes lines now. `waiting`: how many have waited for it. */
  logServerUp(server: string, tls: { readonly version: string; readonly cipher: string }, waiting: number): void
  /** It takes none any more, or for another reason than before. */
  logServerDown(server: string, detail: string, waiting: number): void
  /** What waits for it is as much as may wait: from now on lines are lost to it. */
  logServerFull(server: string, waiting: number): void
  /** It has all that has waited for it, but for so many lines that did not fit. */
  logServerCaughtUp(server: string, lost: number): void
  /** Counted only. */
  logLinesSent(server: string, lines: number): void
  logLineLost(server: string): void
  /** Gauges only. */
  logServersNow(servers: readonly LogServerFigures[]): void
}

export function logServerEvents({ log, figures }: Desk): LogServerEvents {
  return {
    logServerUp: (server, { version: tls, cipher }, waiting) =>
      log.write('info', 'log-server.up', { server, tls, cipher, waiting }),
    logServerDown: (server, detail, waiting) =>
      log.write('error', 'log-server.down', { ...because('SP-908'), server, detail, waiting }),
    logServerFull: (server, waiting) =>
      log.write('error', 'log-server.full', { ...because('SP-909'), server, waiting }),
    logServerCaughtUp: (server, lost) => log.write('warn', 'log-server.caught-up', { server, lost }),
    logLinesSent: (server, lines) => figures.logLinesSent.add({ server }, lines),
    logLineLost: (server) => figures.logLinesLost.add({ server }),
    logServersNow(servers) {
      for (const gauge of [figures.logServersUp, figures.logServerWaiting]) gauge.clear()
      for (const { server, isUp, waitingBytes } of servers) {
        figures.logServersUp.set({ server }, isUp ? 1 : 0)
        figures.logServerWaiting.set({ server }, waitingBytes)
      }
    },
  }
}

/** Declares the metrics of log servers. */
export function declareLogServers(metrics: Metrics) {
  return {
    logServersUp: metrics.declare({
      name: 'sallyport_log_server_up',
      type: 'gauge',
      help: 'Whether a log server takes lines (1) or is away (0).',
      labels: ['server'],
    }),
    logServerWaiting: metrics.declare({
      name: 'sallyport_log_server_waiting_bytes',
      type: 'gauge',
      help: 'Bytes of log lines that wait for a log server; `limits.logQueueBytes` at most.',
      labels: ['server'],
    }),
    logLinesSent: metrics.declare({
      name: 'sallyport_log_lines_sent',
      type: 'counter',
      help: 'Log lines that were handed to the connection to a log server.',
      labels: ['server'],
    }),
    logLinesLost: metrics.declare({
      name: 'sallyport_log_lines_lost',
      type: 'counter',
      help: 'Log lines that a log server has not been sent, since more waited for it than may.',
      labels: ['server'],
    }),
  }
}

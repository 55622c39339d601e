// The log servers of the settings: each is sent every line, and none waits for another.

import { isDeepStrictEqual } from 'node:util'
import type { Line } from '../observe/line.ts'
import { type Origin, syslogFrame } from '../observe/syslog.ts'
import type { Profile } from '../trust/profiles/profile.ts'
import { LogServer, type LogServerOptions, type LogServerStatus } from './log-server.ts'
import type { LogServerPlace } from './log-server-connection.ts'

export interface LogServersOptions extends Omit<LogServerOptions, 'place' | 'profile'> {
  readonly from: Origin
}

export class LogServers implements AsyncDisposable {
  readonly #o: LogServersOptions
  readonly #leaving = new Set<Promise<void>>()
  #servers: readonly { readonly server: LogServer; readonly profile: Profile }[] = []

  constructor(options: LogServersOptions) {
    this.#o = options
  }

  /** These and no others from now on; those that stay as they were go on. */
  follow(places: readonly LogServerPlace[], profile: Profile): void {
    const before = new Set(this.#servers)
    this.#servers = places.map((place) => {
      const known = this.#servers.find((one) => one.profile === profile && isDeepStrictEqual(one.server.place, place))
      if (known) before.delete(known)
      return known ?? { server: new LogServer({ ...this.#o, place, profile }), profile }
    })
    for (const { server } of before) this.#leave(server)
  }

  take(line: Line, json: string): void {
    if (this.#servers.length === 0) return
    const frame = syslogFrame(line, json, this.#o.from)
    for (const { server } of this.#servers) server.take(frame)
  }

  status(): readonly LogServerStatus[] {
    return this.#servers.map(({ server }) => server.status())
  }

  #leave(server: LogServer): void {
    const leaving = server[Symbol.asyncDispose]()
    this.#leaving.add(leaving)
    void leaving.finally(() => this.#leaving.delete(leaving))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { server } of this.#servers) this.#leave(server)
    this.#servers = []
    await Promise.all(this.#leaving)
  }
}

// A user with profanity, a client for terminals, in a terminal of their own (tmux): types lines, and what is on the screen
// can be waited for. Everything it keeps is in a folder of its own.

import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Issued } from './pki.ts'
import { run, type Cleanup } from './program.ts'
import { PASSWORD } from './server.ts'
import { eventually } from './within.ts'

export interface ProfanityOptions {
  readonly user: string
  readonly domain: string
  readonly address: string
  readonly port?: number
  readonly tls?: 'force' | 'direct'
  readonly password?: string
  readonly resource?: string
  /** Whom it believes; whom it does not, it asks about. */
  readonly anchors: readonly Issued[]
}

const PROFRC = `[ui]
beep=false
flash=false
splash=false
[notifications]
message=off
[logging]
chlog=false
[connection]
account=
reconnect=1
autoping=0
[omemo]
policy=manual
`

export class Profanity implements AsyncDisposable {
  readonly #socket: string

  private constructor(socket: string) {
    this.#socket = socket
  }

  /** Starts it with an account that connects by itself. */
  static async start(t: Cleanup, o: ProfanityOptions): Promise<Profanity> {
    const home = await mkdtemp(join(tmpdir(), 'profanity-'))
    const [config, data, anchors] = [join(home, 'config'), join(home, 'data'), join(home, 'anchors.pem')]
    for (const folder of [config, data]) await mkdir(join(folder, 'profanity'), { recursive: true })
    await writeFile(anchors, o.anchors.map(({ pem }) => pem).join(''))
    const { user, domain, address, port = 5222, tls = 'force', password = PASSWORD, resource = 'terminal' } = o
    await writeFile(join(config, 'profanity', 'profrc'), PROFRC)
    await writeFile(
      join(data, 'profanity', 'accounts'),
      `[${user}@${domain}]\nenabled=true\njid=${user}@${domain}\nserver=${address}\nport=${port}\ntls.policy=${tls}\n` +
        `resource=${resource}\npassword=${password}\nmuc.service=conference.${domain}\nmuc.nick=${user}\npresence.login=online\n`,
    )
    const profanity = new Profanity(`profanity-${randomUUID().slice(0, 8)}`)
    t.after(() => profanity[Symbol.asyncDispose]())
    const env = `XDG_CONFIG_HOME=${config} XDG_DATA_HOME=${data} XDG_CACHE_HOME=${home} HOME=${home} SSL_CERT_FILE=${anchors} LC_ALL=C.UTF-8`
    await profanity.#tmux(
      ...['-f', '/dev/null', 'new-session', '-d', '-x', '160', '-y', '50'],
      `env ${env} profanity -a ${user}@${domain}`,
    )
    return profanity
  }

  /** Types a line. */
  async type(line: string): Promise<void> {
    await this.#tmux('send-keys', '-l', line)
    await this.#tmux('send-keys', 'Enter')
  }

  /** What is on the screen now. */
  async screen(): Promise<string> {
    return await this.#tmux('capture-pane', '-p')
  }

  /** Waits until the screen shows it. */
  async expect(what: RegExp, ms = 15_000): Promise<RegExpExecArray> {
    let last = ''
    return await eventually(
      () => `${what} on the screen\n${last}`,
      async () => {
        last = await this.screen()
        return what.exec(last) ?? undefined
      },
      { ms },
    )
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    return (await run('tmux', ['-L', this.#socket, ...args])).stdout
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server')
  }
}
